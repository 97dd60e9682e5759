#pragma once

#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/types.h"

namespace respring::chat {

/// A room in a user's own list.
struct ListedRoom {
  RoomId room{};
  bool muted = false;
  bool pinned = false;
};

/// A room whose creation spans two databases: its id is reserved here before the log is begun.
struct ReservedRoom {
  RoomId room{};
  bool active = false;  ///< its log exists
  UserId creator{};
  RoomKind kind = RoomKind::group;
  std::optional<std::string> title{};
  std::vector<Founder> founders{};
};

struct Invite {
  std::string code;
  RoomId room{};
  UserId creator{};
  std::optional<Time> expires_at;
  std::optional<int> uses_left;
};

/// The room role's database: reservations, each user's list of rooms with his preferences, invites.
/// Safe from any thread. List changes carry the seq of the event they come from; an older one than
/// what is stored changes nothing, so that they may be applied in any order and again.
class RoomDirectory {
 public:
  virtual ~RoomDirectory() = default;

  /// A new id for a room; of a direct room the one that the pair (any order) already has.
  virtual Task<Result<ReservedRoom>> reserve(ReservedRoom room) = 0;
  virtual Task<Result<void>> activate(RoomId room) = 0;
  virtual Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) = 0;
  /// Reserved before `before` and not active: a crash came between; for the sweeper.
  virtual Task<Result<std::vector<ReservedRoom>>> unfinished(Time before, int limit) = 0;

  virtual Task<Result<void>> put_in_lists(RoomId room, std::vector<UserId> users, Seq seq) = 0;
  virtual Task<Result<void>> take_from_list(RoomId room, UserId user, Seq seq) = 0;
  virtual Task<Result<void>> remove_room(RoomId room) = 0;  ///< from all lists, with its invites
  virtual Task<Result<std::vector<ListedRoom>>> rooms_of(UserId user) = 0;
  virtual Task<Result<std::vector<UserId>>> users_of(RoomId room) = 0;
  virtual Task<Result<void>> set_preferences(UserId user, RoomId room, std::optional<bool> muted,
                                             std::optional<bool> pinned) = 0;

  virtual Task<Result<void>> add_invite(Invite invite) = 0;
  /// Uses it once; nothing when unknown, expired at `now` or used up.
  virtual Task<Result<std::optional<Invite>>> use_invite(std::string code, Time now) = 0;
  virtual Task<Result<std::optional<Invite>>> invite(std::string code, Time now) = 0;
};

}  // namespace respring::chat
