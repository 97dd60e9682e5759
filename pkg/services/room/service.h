#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "chat/cursor_seal.h"
#include "chat/ports/room_directory.h"
#include "chat/ports/room_log.h"
#include "chat/roles/accounts.h"
#include "chat/roles/room_lists.h"
#include "net/http.h"

namespace respring::room {

using Deadline = std::chrono::steady_clock::time_point;

/// For whom something is done: who asks, until when he waits, and his traceparent, if any.
struct Asker {
  UserId user;
  Deadline deadline;
  std::string trace{};
};

/// What the room role stands on; all borrowed.
struct Ports {
  chat::RoomDirectory& directory;
  chat::RoomLog& log;  ///< the message role
  chat::Accounts& accounts;
  const Clock& clock;
};

/// A list of one. GCC 12 cannot compile a braced list inside a co_await expression.
template <class T>
std::vector<T> one(T value) {
  return std::vector<T>(1, value);
}

/// A room with the preferences of the member who asks.
struct ListEntry {
  chat::RoomView view;
  bool muted = false;
  bool pinned = false;
};

/// A user's rooms, latest activity first, as far as their shards answer.
struct RoomList {
  std::vector<ListEntry> entries;
  std::vector<RoomId> unreachable;
};

struct NewRoom {
  chat::RoomView room;
  bool existed = false;  ///< the pair's direct room was there already
};

/// The room role: how rooms come to be, who is in them, each user's list of them. Membership itself
/// lives in the room's log; the lists here follow it, at once for changes made through this service
/// and by events for all others (services/room/follower.h). Safe from any thread.
class RoomService final : public chat::RoomLists {
 public:
  explicit RoomService(Ports ports) : p_(ports) {}

  /// `not_found` for an unknown peer, `forbidden` while a block stands, `invalid_request` for
  /// oneself.
  Task<Result<NewRoom>> open_direct(Asker by, UserId peer);
  Task<Result<NewRoom>> create_group(Asker by, std::string title, std::vector<UserId> members);
  /// Every room of the user.
  Task<Result<RoomList>> list(UserId user);
  Task<Result<chat::RoomView>> room(UserId reader, RoomId room);
  /// The room with the reader's preferences.
  Task<Result<ListEntry>> entry(UserId reader, RoomId room);
  Task<Result<void>> retitle(Asker by, RoomId room, std::string title);
  Task<Result<void>> close(Asker by, RoomId room);

  Task<Result<chat::Member>> set_member(Asker by, RoomId room, UserId user,
                                        std::optional<chat::Role> role);
  Task<Result<void>> remove_member(Asker by, RoomId room, UserId user);
  Task<Result<void>> set_preferences(UserId user, RoomId room, std::optional<bool> muted,
                                     std::optional<bool> pinned);
  /// `forbidden` unless owner or admin of a group.
  Task<Result<chat::Invite>> invite(UserId actor, RoomId room, std::optional<Time> expires_at,
                                    std::optional<int> uses);
  Task<Result<chat::RoomView>> join(Asker by, std::string code);

  /// Finishes creations that a crash cut in half. For the sweeper.
  Task<Result<int>> finish_reserved(Time before, Deadline deadline);

  Task<Result<std::vector<RoomId>>> rooms_of(UserId user) override;
  Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) override;
  Task<Result<void>> forget_user(UserId user) override;

  chat::RoomLog& log() { return p_.log; }
  chat::Accounts& accounts() { return p_.accounts; }
  const Clock& clock() const { return p_.clock; }

 private:
  /// The log's first entry for a reserved room, then its place in the lists, then active.
  Task<Result<NewRoom>> begin_log(chat::ReservedRoom reserved, Deadline deadline,
                                  std::string trace = {});
  Task<Result<void>> require_users(const std::vector<UserId>& users);

  Ports p_;
};

}  // namespace respring::room
