#include "chat/room_rules.h"

#include <algorithm>
#include <tuple>

#include "chat/limits.h"

namespace respring::chat {
namespace {

Result<void> not_blocked(const RoomFacts& room) {
  if (room.kind == RoomKind::direct && room.blocked)
    return forbidden("one of the two has blocked the other");
  return success();
}

Result<void> group_only(const RoomFacts& room) {
  if (room.kind == RoomKind::direct) return forbidden("not in a direct room");
  return success();
}

}  // namespace

Result<void> may_send(const RoomFacts& room) { return not_blocked(room); }

Result<void> may_edit(const RoomFacts& room, UserId actor, const TargetFacts& target) {
  if (target.sender != actor) return forbidden("only its sender may change a message");
  if (target.deleted) return Error{ErrorCode::conflict, "the message is deleted", {}, {}};
  return not_blocked(room);
}

Result<void> may_delete(const RoomFacts& room, const Member& actor, const TargetFacts& target) {
  if (target.sender == actor.user) return success();
  if (room.kind == RoomKind::group && actor.role >= Role::admin) return success();
  return forbidden("only its sender, or an owner or admin of a group, may delete a message");
}

Result<void> may_react(const RoomFacts& room, const TargetFacts& target, bool on, std::size_t kinds,
                       bool known) {
  RESPRING_TRYV(not_blocked(room));
  if (target.deleted) return Error{ErrorCode::conflict, "the message is deleted", {}, {}};
  if (on && !known && kinds >= kMaxReactionKinds) return invalid_field("emoji", "too_many");
  return success();
}

Result<void> may_retitle(const RoomFacts& room, const Member& actor) {
  RESPRING_TRYV(group_only(room));
  if (actor.role < Role::admin) return forbidden("only an owner or admin may change the title");
  return success();
}

Result<void> may_close(const RoomFacts& room, const Member& actor) {
  RESPRING_TRYV(group_only(room));
  if (actor.role != Role::owner) return forbidden("only an owner may close the room");
  return success();
}

Result<void> may_block(const RoomFacts& room) {
  if (room.kind != RoomKind::direct) return forbidden("only in a direct room");
  return success();
}

namespace {

using Change = MemberDecision::Change;

Result<MemberDecision> decide_joining(const std::optional<Member>& actor,
                                      const SetMember& command) {
  const Role role = command.role.value_or(Role::member);
  if (command.by_invite) {
    if (role != Role::member) return forbidden("an invitation makes members only");
    return MemberDecision{Change::joins, role};
  }
  if (actor->role < Role::admin) return forbidden("only an owner or admin may add members");
  if (role > Role::member && actor->role != Role::owner)
    return forbidden("only an owner may appoint owners and admins");
  return MemberDecision{Change::joins, role};
}

Result<MemberDecision> decide_role(const Member& actor, const SetMember& command,
                                   const Member& present, std::int64_t owners) {
  if (!command.role) return MemberDecision{Change::none, present.role};
  if (actor.role < Role::admin) return forbidden("only an owner may change roles");
  if (*command.role == present.role) return MemberDecision{Change::none, present.role};
  if (actor.role != Role::owner) return forbidden("only an owner may change roles");
  if (present.role == Role::owner && owners <= 1)
    return Error{ErrorCode::conflict, "the room would have no owner", {}, {}};
  return MemberDecision{Change::role, *command.role};
}

}  // namespace

Result<MemberDecision> decide_member(const RoomFacts& room, const std::optional<Member>& actor,
                                     const SetMember& command, const std::optional<Member>& present,
                                     std::int64_t owners) {
  if (room.kind == RoomKind::direct) return actor ? forbidden("not in a direct room") : not_found();
  if (!actor && !command.by_invite) return not_found();
  if (!present) return decide_joining(actor, command);
  if (command.by_invite) return MemberDecision{Change::none, present->role};
  return decide_role(*actor, command, *present, owners);
}

Result<void> may_remove(const RoomFacts& room, const Member& actor, const Member& who) {
  RESPRING_TRYV(group_only(room));
  if (actor.user == who.user) return success();
  if (actor.role < Role::admin) return forbidden("only an owner or admin may remove members");
  if (who.role == Role::owner && actor.role != Role::owner)
    return forbidden("an admin may not remove an owner");
  return success();
}

std::optional<UserId> heir_of(const std::vector<Member>& left) {
  const auto rank = [](const Member& m) {
    return std::tuple(m.role == Role::admin ? 0 : 1, m.joined_seq, m.user);
  };
  const auto by_rank = [&](const Member& a, const Member& b) { return rank(a) < rank(b); };
  const auto is_owner = [](const Member& m) { return m.role == Role::owner; };
  if (left.empty() || std::ranges::any_of(left, is_owner)) return std::nullopt;
  return std::ranges::min_element(left, by_rank)->user;
}

Seq read_position(Seq current, Seq asked, Seq head) {
  return std::max(current, std::min(asked, head));
}

}  // namespace respring::chat
