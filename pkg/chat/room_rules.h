#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/commands.h"
#include "chat/types.h"

/// Who may do what in a room: decisions without I/O. Whoever asks has already made sure that the
/// room exists, is open, and that the actor is in it (else `not_found`, before all of these).
namespace respring::chat {

struct RoomFacts {
  RoomKind kind = RoomKind::group;
  bool blocked = false;  ///< one of a direct room's two has blocked the other
};

struct TargetFacts {  ///< the message an edit, deletion or reaction is about
  UserId sender;
  bool deleted = false;
};

Result<void> may_send(const RoomFacts& room);
Result<void> may_edit(const RoomFacts& room, UserId actor, const TargetFacts& target);
/// Deleting twice is allowed and changes nothing: the caller looks at `target.deleted`.
Result<void> may_delete(const RoomFacts& room, const Member& actor, const TargetFacts& target);
/// `kinds` different emoji are on the message, `known` when this one is among them.
Result<void> may_react(const RoomFacts& room, const TargetFacts& target, bool on, std::size_t kinds,
                       bool known);
Result<void> may_retitle(const RoomFacts& room, const Member& actor);
Result<void> may_close(const RoomFacts& room, const Member& actor);
Result<void> may_block(const RoomFacts& room);

struct MemberDecision {
  enum class Change : std::uint8_t { none, joins, role };
  Change change = Change::none;
  Role role = Role::member;  ///< afterwards
};
/// `actor` is nothing when he is not in the room (by invitation only), `present` when the user is
/// not; `owners` counts the room's owners.
Result<MemberDecision> decide_member(const RoomFacts& room, const std::optional<Member>& actor,
                                     const SetMember& command, const std::optional<Member>& present,
                                     std::int64_t owners);
/// May the actor take this member (maybe himself) out of the room?
Result<void> may_remove(const RoomFacts& room, const Member& actor, const Member& who);

/// Who becomes owner of these when none of them is: the admin, else the member, who is in the room
/// longest. Nothing when there is an owner or nobody.
std::optional<UserId> heir_of(const std::vector<Member>& left);

/// Where a read cursor at `current` goes when asked to go to `asked`.
Seq read_position(Seq current, Seq asked, Seq head);

}  // namespace respring::chat
