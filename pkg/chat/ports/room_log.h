#pragma once

#include <functional>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/commands.h"
#include "chat/types.h"

namespace respring::chat {

/// The sharded logs of all rooms. Safe from any thread. For whom a room does not exist (never, no
/// longer or not yet a member; closed) every call answers `not_found`. Besides: `slot_moving` and
/// `overloaded` (definite), `internal` (outcome unknown).
class RoomLog {
 public:
  virtual ~RoomLog() = default;

  using Done = std::function<void(Result<Written>)>;

  /// Queues a write; `done` is called once, from the shard's writer thread, after the commit and in
  /// the order of the commits of one room. It must not block. Writes of one room that are submitted
  /// one after the other are committed in that order, but one about archived events may come behind
  /// others.
  /// Errors by rule: `forbidden`, `not_found`, `cid_reused`, `conflict`, `invalid_request`.
  virtual void submit(Write write, Done done) = 0;

  /// submit() for coroutines: goes on where the caller runs, after the commit.
  Task<Result<Written>> write(Write write);

  /// Rooms of different lanes never wait for each other (they are on different shards). A hint from
  /// 0 on, which may change at any time.
  virtual std::int64_t lane_of(RoomId) const { return 0; }

  virtual Task<Result<History>> history(UserId reader, RoomId room, HistoryQuery query) = 0;
  virtual Task<Result<Message>> message(UserId reader, RoomId room, Seq seq) = 0;
  /// Several at once, of rooms the caller knows the reader may see; missing ones are left out.
  virtual Task<Result<std::vector<Message>>> messages(
      UserId reader, std::vector<std::pair<RoomId, Seq>> which) = 0;
  /// Events after `after`, from the reader's first_seq on, at most `limit`.
  virtual Task<Result<LogPage>> log(UserId reader, RoomId room, Seq after, int limit) = 0;
  /// The same for a node that serves several members: from 1 on, whoever asks.
  virtual Task<Result<LogPage>> log_for_node(RoomId room, Seq after, int limit) = 0;
  /// One item per cursor, in their order; more than `max_events` missed is SyncLimited, a shard
  /// that does not answer soon SyncUnreachable.
  virtual Task<Result<std::vector<SyncItem>>> sync(UserId reader, std::vector<Cursor> cursors,
                                                   int max_events) = 0;
  /// The rooms of these that exist for the reader, in any order.
  virtual Task<Result<std::vector<RoomView>>> rooms(UserId reader, std::vector<RoomId> rooms,
                                                    bool with_last_message) = 0;
  /// The same, but a shard that does not answer soon (a second, once) takes only its own rooms
  /// away.
  virtual Task<Result<ReachableRooms>> reachable_rooms(UserId reader, std::vector<RoomId> rooms,
                                                       bool with_last_message) = 0;
  /// Ordered by joined_seq, then user id; those behind `after` (its user and joined_seq count).
  virtual Task<Result<std::vector<Member>>> members(UserId reader, RoomId room,
                                                    std::optional<Member> after, int limit) = 0;
  /// Everybody who is in the room now, for nodes and consumers.
  virtual Task<Result<std::vector<Member>>> members_for_node(RoomId room) = 0;
  /// Heads of rooms that exist and are open, and whose shards answer.
  virtual Task<Result<std::vector<std::pair<RoomId, Head>>>> heads(std::vector<RoomId> rooms) = 0;
  /// Seqs of a user's own undeleted messages behind `after`, ascending: for export and erasing.
  virtual Task<Result<std::vector<Message>>> messages_by(UserId sender, RoomId room, Seq after,
                                                         int limit) = 0;
  /// Every room the user is or was in according to the shards themselves: the truth the room role's
  /// list is repaired from. Slow (asks every shard).
  virtual Task<Result<std::vector<RoomId>>> rooms_of(UserId user, Memberships which) = 0;
};

}  // namespace respring::chat
