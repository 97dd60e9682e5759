#include "store/batch.h"

#include <algorithm>

#include "chat/codec.h"
#include "store/change_body.h"

namespace respring::store {

sql::Result<void> Batch::prefetch(std::vector<RoomKey> keys) {
  // One order for all transactions, so that two of them never wait for each other in a circle.
  const auto order = [](const RoomKey& k) { return std::pair(k.slot, k.room); };
  std::ranges::sort(keys, {}, order);
  for (const auto& key : keys) {
    if (fence_.contains(key.slot.value)) continue;
    RESPRING_TRY(fence_[key.slot.value], writable_epoch(db_, key.slot));
  }
  for (const auto& key : keys) {
    RESPRING_TRYV(room(key));
  }
  return success();
}

Step<void> Batch::check_fence(const RoomKey& key, shardmap::Epoch epoch) {
  auto found = fence_.find(key.slot.value);
  if (found == fence_.end()) {
    RESPRING_TRY(auto actual, writable_epoch(db_, key.slot));
    found = fence_.emplace(key.slot.value, actual).first;
  }
  if (found->second != epoch) return Halt(slot_moving());
  return success();
}

sql::Result<RoomRow*> Batch::room(const RoomKey& key) {
  auto found = rooms_.find(key.room);
  if (found == rooms_.end()) {
    RESPRING_TRY(auto row, load_room(db_, key, db_.dialect().for_update()));
    found = rooms_.emplace(key.room, CachedRoom{key, std::move(row), false}).first;
  }
  return found->second.row ? &*found->second.row : nullptr;
}

sql::Result<MemberRow*> Batch::member(const RoomKey& key, UserId user) {
  auto found = members_.find({key.room, user});
  if (found == members_.end()) {
    RESPRING_TRY(auto row, load_member(db_, key, user));
    found = members_.emplace(UserKey{key.room, user}, std::move(row)).first;
  }
  return found->second ? &*found->second : nullptr;
}

Step<Batch::Member> Batch::standing(const RoomKey& key, UserId actor) {
  RESPRING_TRY(auto* row, room(key));
  if (row == nullptr || row->closed_at) return Halt(not_found());
  RESPRING_TRY(auto* me, member(key, actor));
  if (me == nullptr || !me->present()) return Halt(not_found());
  return Member{row, me};
}

sql::Result<CursorRow> Batch::cursor(const RoomKey& key, UserId user) {
  const auto found = cursors_.find({key.room, user});
  if (found != cursors_.end()) return found->second.row;
  RESPRING_TRY(const auto row, load_cursor(db_, key, user));
  cursors_[{key.room, user}] = {key, row, false};
  return row;
}

sql::Result<std::optional<Batch::FirstUse>> Batch::first_use(const RoomKey& key, UserId sender,
                                                             const Uuid& cid) {
  const auto found = cids_.find({{key.room, sender}, cid});
  if (found != cids_.end()) return found->second;
  RESPRING_TRY(auto rows, db_.query("SELECT seq, content_hash FROM message WHERE slot=? AND "
                                    "room_id=? AND sender_id=? AND cid=?",
                                    key.slot.value, key.room, sender, cid));
  RESPRING_TRY(const bool known, rows.next());
  if (!known) return std::optional<FirstUse>();
  return std::optional(FirstUse{rows.int64(0), rows.text(1)});
}

sql::Result<RoomRow*> Batch::add_room(const RoomKey& key, RoomRow row) {
  RESPRING_TRYV(db_.run(
      "INSERT INTO room (slot, room_id, epoch, last_seq, last_ordinal, kind, title, member_count, "
      "block_count, last_at, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
      key.slot.value, key.room, row.epoch, row.last_seq, row.last_ordinal,
      row.kind == chat::RoomKind::direct ? 0 : 1, row.title, row.member_count, row.block_count,
      row.last_at, row.created_at));
  wrote_ = true;
  auto& cached = rooms_[key.room];
  cached = {key, std::move(row), false};
  return &*cached.row;
}

void Batch::touch(const RoomKey& key) { rooms_.at(key.room).dirty = true; }

sql::Result<void> Batch::put_member(const RoomKey& key, const MemberRow& row) {
  static constexpr std::string_view kInsert =
      "INSERT INTO member (slot, room_id, user_id, role, joined_seq, left_seq, blocking) VALUES "
      "(?,?,?,?,?,?,?)";
  const auto text = std::string(kInsert) + db_.dialect().on_conflict_update(
                                               {"slot", "room_id", "user_id"},
                                               {"role", "joined_seq", "left_seq", "blocking"});
  RESPRING_TRYV(db_.run(text, key.slot.value, key.room, row.member.user,
                        static_cast<int>(row.member.role), row.member.joined_seq, row.left_seq,
                        row.blocking));
  wrote_ = true;
  members_[{key.room, row.member.user}] = row;
  return success();
}

void Batch::end_memberships(const RoomKey& key, Seq at) {
  for (auto entry = members_.lower_bound({key.room, UserId{}});
       entry != members_.end() && entry->first.first == key.room; ++entry) {
    if (entry->second && entry->second->present()) entry->second->left_seq = at;
  }
}

void Batch::put_cursor(const RoomKey& key, UserId user, CursorRow cursor) {
  cursors_[{key.room, user}] = {key, cursor, true};
}

void Batch::add_message(const RoomKey& key, const chat::Message& message, const ContentHash& hash) {
  cids_[{{key.room, message.sender}, message.cid}] =
      FirstUse{message.seq, std::string(hash.bytes())};
  pending_.push_back({key, message, hash});
}

sql::Result<void> Batch::add_change(const RoomKey& key, const chat::Event& event) {
  const auto columns = columns_of(event.body);
  RESPRING_TRYV(db_.run(
      "INSERT INTO change_event (slot, room_id, seq, kind, actor_id, target_seq, version, text, "
      "body, created_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
      key.slot.value, key.room, event.seq, columns.kind, event.actor, columns.target,
      columns.version, columns.text, columns.body, event.at));
  wrote_ = true;
  return success();
}

void Batch::publish(const RoomKey& key, chat::Event event, chat::Written& written) {
  auto json = chat::to_json(event);
  outbox_ += std::to_string(key.room.value);
  outbox_ += ' ';
  outbox_ += json;
  outbox_ += '\n';
  if (!probe_) probe_ = Probe{key, event.seq, event.actor, event.at};
  written.events.push_back(std::move(event));
  written.json.push_back(std::move(json));
}

sql::Result<void> Batch::flush_messages() {
  static constexpr std::string_view kInsert =
      "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, "
      "reply_to, attachments, meta, created_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,1)";
  for (const auto& [key, m, hash] : pending_) {
    const auto attachments =
        m.attachments == "[]" ? std::nullopt : std::optional<std::string_view>(m.attachments);
    RESPRING_TRYV(db_.run(kInsert, key.slot.value, key.room, m.seq, m.ordinal, m.sender, m.cid,
                          sql::Blob{hash.bytes()}, m.text, m.reply_to, attachments, m.meta,
                          m.created_at));
    wrote_ = true;
  }
  pending_.clear();
  return success();
}

sql::Result<void> Batch::write_rooms() {
  static constexpr std::string_view kUpdate =
      "UPDATE room SET last_seq=?, last_ordinal=?, title=?, member_count=?, block_count=?, "
      "last_at=?, deleted_at=? WHERE slot=? AND room_id=?";
  for (auto& [id, cached] : rooms_) {
    if (!cached.dirty) continue;
    const auto& row = *cached.row;
    RESPRING_TRYV(db_.run(kUpdate, row.last_seq, row.last_ordinal, row.title, row.member_count,
                          row.block_count, row.last_at, row.closed_at, cached.key.slot.value, id));
    cached.dirty = false;
    wrote_ = true;
  }
  return success();
}

sql::Result<void> Batch::write_cursors() {
  static constexpr std::string_view kInsert =
      "INSERT INTO read_cursor (slot, room_id, user_id, seq, ordinal) VALUES (?,?,?,?,?)";
  const auto text = std::string(kInsert) + db_.dialect().on_conflict_update(
                                               {"slot", "room_id", "user_id"}, {"seq", "ordinal"});
  for (auto& [user, cached] : cursors_) {
    if (!cached.dirty) continue;
    RESPRING_TRYV(db_.run(text, cached.key.slot.value, cached.key.room, user.second, cached.row.seq,
                          cached.row.ordinal));
    cached.dirty = false;
    wrote_ = true;
  }
  return success();
}

sql::Result<void> Batch::finish() {
  RESPRING_TRYV(flush_messages());
  RESPRING_TRYV(write_rooms());
  RESPRING_TRYV(write_cursors());
  if (!outbox_.empty()) {
    RESPRING_TRYV(
        db_.run("INSERT INTO outbox (events, created_at) VALUES (?,?)", sql::Blob{outbox_}, now_));
    wrote_ = true;
  }
  return success();
}

}  // namespace respring::store
