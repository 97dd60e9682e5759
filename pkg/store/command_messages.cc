#include <algorithm>

#include "chat/room_rules.h"
#include "store/commands.h"

namespace respring::store {
namespace {

// Nothing when that seq is no message.
Step<std::optional<chat::Message>> stored_message(Batch& batch, const RoomKey& key, Seq seq) {
  RESPRING_TRYV(batch.flush_messages());
  RESPRING_TRY(auto message, load_message(batch.db(), key, seq));
  if (!message) {
    RESPRING_TRYV(batch.expect_stored(key, {seq}));
  }
  return message;
}

// The message an edit, deletion or reaction is about, if the actor may see it.
Step<chat::Message> target_of(Batch& batch, const RoomKey& key, const chat::Member& actor,
                              Seq seq) {
  if (seq < actor.joined_seq) return Halt(not_found());
  RESPRING_TRY(auto message, stored_message(batch, key, seq));
  if (!message) return Halt(not_found());
  return std::move(*message);
}

chat::TargetFacts facts_of(const chat::Message& message) {
  return {message.sender, message.deleted};
}

Step<void> check_reply(Batch& batch, const RoomKey& key, const chat::Member& actor,
                       std::optional<Seq> reply_to) {
  if (!reply_to) return success();
  auto target = target_of(batch, key, actor, *reply_to);
  if (target) return success();
  const auto& why = target.assume_error();
  if (why.failure() != nullptr || why.archived() != nullptr)
    return std::move(target).assume_error();
  return Halt(invalid_field("reply_to", "not_found"));
}

Outcome repeated(Batch& batch, const RoomKey& key, const Batch::FirstUse& first,
                 const ContentHash& hash) {
  if (first.content_hash != hash.bytes())
    return Halt(Error{ErrorCode::cid_reused, "the cid was used for another message", {}, {}});
  RESPRING_TRY(auto message, stored_message(batch, key, first.seq));
  if (!message) return Halt(sql::Failure{sql::Errc::corrupt, "a message row is missing"});
  chat::Written written;
  written.seq = message->seq;
  written.ordinal = message->ordinal;
  written.version = message->version;
  written.at = message->created_at;
  written.duplicate = true;
  RESPRING_TRY(const auto cursor, batch.cursor(key, message->sender));
  written.read_seq = cursor.seq;
  written.message = std::move(message);
  return written;
}

// Older edits keep their place in the log, but not what they said.
Step<void> blank_edits(Batch& batch, const RoomKey& key, Seq target) {
  if (batch.is_moving(key)) {
    RESPRING_TRY(auto rows, batch.db().query("SELECT seq FROM change_event WHERE slot=? AND "
                                             "room_id=? AND target_seq=? AND kind='edited' AND "
                                             "text IS NOT NULL",
                                             key.slot.value, key.room, target));
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      batch.changed(key, SlotTable::change_event, rows.int64(0));
    }
  }
  RESPRING_TRYV(
      batch.db().run("UPDATE change_event SET text=NULL WHERE slot=? AND room_id=? AND "
                     "target_seq=? AND kind='edited' AND text IS NOT NULL",
                     key.slot.value, key.room, target));
  return success();
}

}  // namespace

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Send& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  const ContentHash hash(command);
  RESPRING_TRY(const auto first, batch.first_use(key, actor, command.cid));
  if (first) return repeated(batch, key, *first, hash);
  RESPRING_TRYV(chat::may_send(facts_of(*at.room)));
  RESPRING_TRYV(check_reply(batch, key, at.me->member, command.reply_to));

  chat::Message message;
  message.room = key.room;
  message.seq = batch.next_seq(*at.room);
  message.ordinal = ++at.room->last_ordinal;
  message.sender = actor;
  message.cid = command.cid;
  message.text = command.text;
  message.reply_to = command.reply_to;
  message.attachments = command.attachments;
  message.meta = command.meta;
  message.created_at = batch.now();
  at.room->last_at = batch.now();
  batch.touch(key);
  batch.put_cursor(key, actor, {message.seq, message.ordinal});
  batch.add_message(key, message, hash);

  chat::Written written;
  written.seq = message.seq;
  written.ordinal = message.ordinal;
  written.version = message.version;
  written.at = message.created_at;
  written.read_seq = message.seq;
  batch.publish(key,
                {key.room, at.room->epoch, message.seq, actor, batch.now(), chat::Sent{message}},
                written);
  written.message = std::move(message);
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Edit& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRY(auto target, target_of(batch, key, at.me->member, command.target));
  RESPRING_TRYV(chat::may_edit(facts_of(*at.room), actor, facts_of(target)));
  RESPRING_TRYV(batch.expect_stored_about(key, target.seq));

  target.text = command.text;
  target.edited_at = batch.now();
  ++target.version;
  RESPRING_TRYV(blank_edits(batch, key, target.seq));
  RESPRING_TRYV(batch.db().run(
      "UPDATE message SET text=?, edited_at=?, version=? WHERE slot=? AND "
      "room_id=? AND seq=?",
      target.text, target.edited_at, target.version, key.slot.value, key.room, target.seq));
  batch.changed(key, SlotTable::message, target.seq);
  chat::Written written;
  written.version = target.version;
  RESPRING_TRYV(log_change(batch, key, *at.room, actor,
                           chat::Edited{target.seq, target.text, target.version}, written));
  written.message = std::move(target);
  return written;
}

namespace {

Outcome remove(Batch& batch, const RoomKey& key, RoomRow& room, UserId actor,
               const chat::Message& target) {
  RESPRING_TRYV(batch.expect_stored_about(key, target.seq));
  chat::Written written;
  if (target.deleted) {
    RESPRING_TRY(auto rows,
                 batch.db().query("SELECT seq, created_at FROM change_event WHERE slot=? AND "
                                  "room_id=? AND target_seq=? AND kind='deleted'",
                                  key.slot.value, key.room, target.seq));
    RESPRING_TRY(const bool found, rows.next());
    written.seq = found ? rows.int64(0) : room.last_seq;
    written.at = found ? rows.time(1) : batch.now();
    written.version = target.version;
    return written;
  }
  RESPRING_TRYV(blank_edits(batch, key, target.seq));
  RESPRING_TRYV(batch.db().run("DELETE FROM reaction WHERE slot=? AND room_id=? AND target_seq=?",
                               key.slot.value, key.room, target.seq));
  batch.changed(key, SlotTable::reaction, target.seq);
  batch.changed(key, SlotTable::message, target.seq);
  written.version = target.version + 1;
  RESPRING_TRYV(
      batch.db().run("UPDATE message SET text=NULL, attachments=NULL, meta=NULL, "
                     "deleted_at=?, version=? WHERE slot=? AND room_id=? AND seq=?",
                     batch.now(), written.version, key.slot.value, key.room, target.seq));
  RESPRING_TRYV(
      log_change(batch, key, room, actor, chat::Deleted{target.seq, written.version}, written));
  return written;
}

// The messages of one who is being erased, wherever they stand.
Outcome erase(Batch& batch, const RoomKey& key, UserId author, Seq seq) {
  RESPRING_TRY(auto* room, batch.room(key));
  if (room == nullptr) return Halt(not_found());
  RESPRING_TRY(const auto target, stored_message(batch, key, seq));
  if (!target || target->sender != author) return Halt(not_found());
  return remove(batch, key, *room, author, *target);
}

}  // namespace

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Delete& command) {
  if (command.erasing) return erase(batch, key, actor, command.target);
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRY(const auto target, target_of(batch, key, at.me->member, command.target));
  RESPRING_TRYV(chat::may_delete(facts_of(*at.room), at.me->member, facts_of(target)));
  return remove(batch, key, *at.room, actor, target);
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::React& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRY(auto target, target_of(batch, key, at.me->member, command.target));
  const auto entry =
      std::ranges::find(target.reactions, command.emoji, [](const auto& e) { return e.first; });
  const bool known = entry != target.reactions.end();
  RESPRING_TRYV(chat::may_react(facts_of(*at.room), facts_of(target), command.on,
                                target.reactions.size(), known));
  const bool mine = known && std::ranges::find(entry->second, actor) != entry->second.end();
  chat::Written written;
  if (mine == command.on) {
    written.seq = at.room->last_seq;
    written.at = batch.now();
    written.message = std::move(target);
    return written;
  }
  if (command.on) {
    RESPRING_TRYV(batch.db().run(
        "INSERT INTO reaction (slot, room_id, target_seq, user_id, "
        "emoji, at_seq) VALUES (?,?,?,?,?,?)",
        key.slot.value, key.room, target.seq, actor, command.emoji, at.room->last_seq + 1));
  } else {
    RESPRING_TRYV(
        batch.db().run("DELETE FROM reaction WHERE slot=? AND room_id=? AND "
                       "target_seq=? AND user_id=? AND emoji=?",
                       key.slot.value, key.room, target.seq, actor, command.emoji));
  }
  batch.changed(key, SlotTable::reaction, target.seq);
  RESPRING_TRYV(log_change(batch, key, *at.room, actor,
                           chat::Reacted{target.seq, command.emoji, command.on}, written));
  RESPRING_TRY(written.message, load_message(batch.db(), key, target.seq));
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Read& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  if (command.seq < 1) return Halt(invalid_field("seq", "too_small"));
  RESPRING_TRY(auto cursor, batch.cursor(key, actor));
  const Seq seq = chat::read_position(cursor.seq, command.seq, at.room->last_seq);
  if (seq > cursor.seq) {
    cursor.seq = seq;
    if (seq == at.room->last_seq) {
      cursor.ordinal = at.room->last_ordinal;
    } else {
      RESPRING_TRY(cursor.ordinal, batch.ordinal_at(key, seq));
    }
    batch.put_cursor(key, actor, cursor);
  }
  chat::Written written;
  written.seq = cursor.seq;
  written.at = batch.now();
  written.read_seq = cursor.seq;
  written.unread = at.room->last_ordinal - cursor.ordinal;
  return written;
}

}  // namespace respring::store
