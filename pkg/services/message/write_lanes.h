#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/asio.h"
#include "async/run.h"
#include "chat/ports/room_log.h"
#include "net/role_call.h"

namespace respring::message {

/// Sends writes to the message role in batches. A room belongs to one of several lanes, and a lane
/// has one request on its way at a time, which keeps the order of each room; what arrives in the
/// meantime, or within one turn of the loop, makes up the next. So an idle lane adds no delay and a
/// busy one forms large batches by itself. The role says with each answer what the room may have to
/// wait for (RoomLog::lane_of): rooms of one shard have lanes of their own, so that one that hangs
/// holds up no other's. Safe from any thread.
class WriteLanes {
 public:
  using Done = chat::RoomLog::Done;

  struct Options {
    asio::any_io_executor executor;         ///< must run until the destructor has returned
    std::size_t lanes = 4;                  ///< requests on their way at the same time, per shard
    std::size_t queue_limit = 8192;         ///< writes not yet answered; more are `overloaded`
    std::size_t batch_bytes = 1024 * 1024;  ///< of a request, but for a single larger write
  };

  /// Borrows the client.
  WriteLanes(const net::RoleClient& role, Options options);
  /// Refuses what has not been sent and blocks until the rest is answered.
  ~WriteLanes();
  WriteLanes(const WriteLanes&) = delete;
  WriteLanes& operator=(const WriteLanes&) = delete;

  /// See chat::RoomLog::submit().
  void submit(chat::Write write, Done done);

 private:
  struct Pending {
    chat::Write write;
    Done done;
  };
  struct Lane {
    std::deque<Pending> queue;
    bool running = false;
  };
  struct Room {
    Lane* lane = nullptr;  ///< stays while writes are pending, which keeps their order
    std::size_t pending = 0;
    std::int64_t group = kUnknown;  ///< as the role's last answer said
  };
  static constexpr std::int64_t kUnknown = -1;
  struct Batch {
    std::vector<Pending> writes;
    std::string body;
    net::Deadline deadline;  ///< the latest of its writes'
  };

  Lane& lane_of(RoomId id, Room& room);
  void forget_rooms();
  Task<void> run(Lane& lane);
  /// What waits, in order; nothing left means that the lane has stopped.
  std::deque<Pending> take(Lane& lane);
  /// The first of them as one request; those that do not fit go back. Late ones are refused.
  Batch pack(Lane& lane, std::deque<Pending> waiting);
  Task<void> send(Batch batch);
  void finish(Pending& pending, Result<chat::Written> result, std::int64_t group = kUnknown);

  const net::RoleClient& role_;
  const Options options_;
  std::mutex mutex_;  ///< guards everything below but `tasks_`
  std::map<std::pair<std::int64_t, std::size_t>, Lane> lanes_;  ///< by group and hash
  std::unordered_map<RoomId, Room> rooms_;
  std::size_t unanswered_ = 0;
  bool stopping_ = false;
  async::TaskGroup tasks_;
};

}  // namespace respring::message
