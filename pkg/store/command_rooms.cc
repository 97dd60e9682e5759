#include <algorithm>

#include "chat/limits.h"
#include "chat/room_rules.h"
#include "store/commands.h"

namespace respring::store {
namespace {

Step<chat::RoomView> view_for(Batch& batch, const RoomKey& key, const Batch::Member& at) {
  RESPRING_TRYV(batch.flush_messages());
  RESPRING_TRY(const auto cursor, batch.cursor(key, at.me->member.user));
  RESPRING_TRY(auto view, view_of(batch.db(), key, *at.room, at.me->member, cursor, true));
  return view;
}

// The founders with the roles they start with, each once.
Result<std::vector<chat::Founder>> founders_of(UserId actor, const chat::Create& command) {
  auto founders = command.members;
  const bool direct = command.kind == chat::RoomKind::direct;
  std::vector<UserId> users;
  for (auto& founder : founders) {
    users.push_back(founder.user);
    if (direct) founder.role = chat::Role::member;
    if (!direct && founder.user == actor) founder.role = chat::Role::owner;
  }
  std::ranges::sort(users);
  const bool twice = std::ranges::adjacent_find(users) != users.end();
  if (twice || !std::ranges::binary_search(users, actor))
    return invalid_field("members", "invalid");
  if (direct && users.size() != 2) return invalid_field("members", "invalid");
  if (users.size() > chat::kMaxFounders + 1) return invalid_field("members", "too_many");
  return founders;
}

sql::Result<std::int64_t> count_owners(Batch& batch, const RoomKey& key) {
  RESPRING_TRY(auto rows,
               batch.db().query("SELECT COUNT(*) FROM member WHERE slot=? AND room_id=? "
                                "AND left_seq IS NULL AND role=?",
                                key.slot.value, key.room, static_cast<int>(chat::Role::owner)));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

sql::Result<void> join(Batch& batch, const RoomKey& key, RoomRow& room, UserId actor, UserId user,
                       chat::Role role, chat::Written& written) {
  RESPRING_TRYV(log_change(batch, key, room, actor, chat::MemberChanged{user, role}, written));
  RESPRING_TRYV(batch.put_member(key, {{user, role, room.last_seq}, std::nullopt, false}));
  batch.put_cursor(key, user, {room.last_seq, room.last_ordinal});
  ++room.member_count;
  room.last_at = batch.now();
  return success();
}

// When the last owner has gone, somebody must be able to run the room.
sql::Result<void> appoint_heir(Batch& batch, const RoomKey& key, RoomRow& room, UserId actor,
                               chat::Written& written) {
  RESPRING_TRY(const auto left, load_members(batch.db(), key));
  const auto heir = chat::heir_of(left);
  if (!heir) return success();
  RESPRING_TRY(auto* row, batch.member(key, *heir));
  if (row == nullptr) return sql::Failure{sql::Errc::corrupt, "a member row is missing"};
  auto promoted = *row;
  promoted.member.role = chat::Role::owner;
  RESPRING_TRYV(batch.put_member(key, promoted));
  return log_change(batch, key, room, actor, chat::MemberChanged{*heir, chat::Role::owner},
                    written);
}

}  // namespace

sql::Result<void> log_change(Batch& batch, const RoomKey& key, RoomRow& room, UserId actor,
                             chat::EventBody body, chat::Written& written) {
  const Seq seq = batch.next_seq(room);
  batch.touch(key);
  chat::Event event{key.room, room.epoch, seq, actor, batch.now(), std::move(body)};
  batch.add_change(key, event);
  if (written.events.empty()) {
    written.seq = seq;
    written.at = event.at;
  }
  batch.publish(key, std::move(event), written);
  return success();
}

Step<chat::Written> carry_out(Batch& batch, const RoomKey& key, const chat::Write& write) {
  const auto command = [&](const auto& c) { return run(batch, key, write.actor, c); };
  return std::visit(command, write.command);
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Create& command) {
  RESPRING_TRY(const auto* existing, batch.room(key));
  chat::Written written;
  if (existing != nullptr) {
    RESPRING_TRY(const auto at, batch.standing(key, actor));
    written.duplicate = true;
    written.seq = 1;
    written.at = at.room->created_at;
    RESPRING_TRY(written.room, view_for(batch, key, at));
    return written;
  }
  RESPRING_TRY(auto founders, founders_of(actor, command));
  RoomRow fresh;
  fresh.kind = command.kind;
  if (command.kind == chat::RoomKind::group) fresh.title = command.title;
  fresh.member_count = static_cast<std::int64_t>(founders.size());
  fresh.created_at = fresh.last_at = batch.now();
  RESPRING_TRY(auto* room, batch.add_room(key, std::move(fresh)));
  for (const auto& founder : founders) {
    RESPRING_TRYV(batch.put_member(key, {{founder.user, founder.role, 1}, std::nullopt, false}));
  }
  RESPRING_TRYV(log_change(batch, key, *room, actor,
                           chat::Created{room->kind, room->title, std::move(founders)}, written));
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRY(written.room, view_for(batch, key, at));
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::SetMember& command) {
  RESPRING_TRY(auto* room, batch.room(key));
  if (room == nullptr || room->closed_at) return Halt(not_found());
  // A room everybody has left has no owner who could run it: it is closed to invited ones too.
  if (room->member_count == 0) return Halt(not_found());
  RESPRING_TRY(const auto* me, batch.member(key, actor));
  RESPRING_TRY(const auto* who, batch.member(key, command.user));
  const auto present = [](const MemberRow* row) {
    return row != nullptr && row->present() ? std::optional(row->member) : std::nullopt;
  };
  if (command.by_invite && command.user != actor) return Halt(not_found());
  RESPRING_TRY(const auto owners, count_owners(batch, key));
  RESPRING_TRY(const auto decision,
               chat::decide_member(facts_of(*room), present(me), command, present(who), owners));
  chat::Written written;
  using Change = chat::MemberDecision::Change;
  switch (decision.change) {
    case Change::none: {
      written.seq = room->last_seq;
      written.at = batch.now();
      written.member = who->member;
      return written;
    }
    case Change::joins: {
      RESPRING_TRYV(join(batch, key, *room, actor, command.user, decision.role, written));
      break;
    }
    case Change::role: {
      auto changed = *who;
      changed.member.role = decision.role;
      RESPRING_TRYV(batch.put_member(key, changed));
      RESPRING_TRYV(log_change(batch, key, *room, actor,
                               chat::MemberChanged{command.user, decision.role}, written));
      break;
    }
  }
  RESPRING_TRY(const auto* after, batch.member(key, command.user));
  written.member = after->member;
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::RemoveMember& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  if (at.room->kind == chat::RoomKind::direct) return Halt(forbidden("not in a direct room"));
  RESPRING_TRY(const auto* who, batch.member(key, command.user));
  if (who == nullptr || !who->present()) return Halt(not_found());
  RESPRING_TRYV(chat::may_remove(facts_of(*at.room), at.me->member, who->member));

  chat::Written written;
  auto leaving = *who;
  RESPRING_TRYV(log_change(batch, key, *at.room, actor,
                           chat::MemberChanged{command.user, std::nullopt}, written));
  leaving.left_seq = at.room->last_seq;
  RESPRING_TRYV(batch.put_member(key, leaving));
  --at.room->member_count;
  at.room->last_at = batch.now();
  if (leaving.member.role == chat::Role::owner) {
    RESPRING_TRYV(appoint_heir(batch, key, *at.room, actor, written));
  }
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Retitle& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRYV(chat::may_retitle(facts_of(*at.room), at.me->member));
  chat::Written written;
  at.room->title = command.title;
  at.room->last_at = batch.now();
  RESPRING_TRYV(log_change(batch, key, *at.room, actor, chat::Retitled{command.title}, written));
  RESPRING_TRY(written.room, view_for(batch, key, at));
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::Close&) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRYV(chat::may_close(facts_of(*at.room), at.me->member));
  RESPRING_TRY(const auto members, load_members(batch.db(), key));
  RESPRING_TRYV(
      batch.db().run("UPDATE member SET left_seq=? WHERE slot=? AND room_id=? AND "
                     "left_seq IS NULL",
                     at.room->last_seq, key.slot.value, key.room));
  batch.changed(key, SlotTable::member);
  batch.end_memberships(key, at.room->last_seq);
  at.room->member_count = 0;
  at.room->closed_at = batch.now();
  batch.touch(key);
  chat::Written written;
  written.seq = at.room->last_seq;
  written.at = batch.now();
  for (const auto& member : members) written.members.push_back(member.user);
  return written;
}

Outcome run(Batch& batch, const RoomKey& key, UserId actor, const chat::SetBlock& command) {
  RESPRING_TRY(const auto at, batch.standing(key, actor));
  RESPRING_TRYV(chat::may_block(facts_of(*at.room)));
  chat::Written written;
  written.seq = at.room->last_seq;
  written.at = batch.now();
  if (at.me->blocking == command.on) return written;
  auto changed = *at.me;
  changed.blocking = command.on;
  RESPRING_TRYV(batch.put_member(key, changed));
  at.room->block_count += command.on ? 1 : -1;
  batch.touch(key);
  return written;
}

}  // namespace respring::store
