#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "chat/ports/pub_sub.h"
#include "chat/signals.h"
#include "services/websocket/membership.h"

namespace respring::websocket {

class Hub;

/// A room as far as connections of one hub are in it: brings its events to them in the order of the
/// log, each once, without a gap. What pub/sub lost is read from the log first. On the hub's
/// thread.
class RoomChannel {
 public:
  RoomChannel(Hub& hub, RoomId room) : hub_(hub), room_(room) {}
  RoomChannel(const RoomChannel&) = delete;
  RoomChannel& operator=(const RoomChannel&) = delete;

  /// Listens from now on; keeps what comes until begin_at() says where the log stands.
  void listen(std::unique_ptr<chat::PubSub::Subscription> subscription);
  /// The head as somebody has read it; only the first one counts.
  void begin_at(RoomEpoch epoch, Seq head);
  bool begun() const { return head_ >= 0; }

  void add(Membership& membership);
  void remove(Membership& membership);
  bool empty() const { return members_.empty(); }

  void on_signal(const chat::RoomSignal& signal);
  /// The log is known to have come to this seq: reads what is missing, if any.
  void expect(Seq head);

  RoomId room() const { return room_; }
  RoomEpoch epoch() const { return epoch_; }
  Seq head() const { return head_; }

 private:
  void on_event(const chat::RoomSignal& signal);
  void deliver(const chat::RoomSignal& signal);
  void forward(const chat::RoomSignal& signal);
  void end_memberships_of(UserId user);
  void start_over(RoomEpoch epoch, Seq head);
  void fill();
  static Task<void> fill_from_log(std::shared_ptr<Hub> hub, RoomId room);
  bool take_page(const chat::LogPage& page);

  Hub& hub_;
  RoomId room_;
  RoomEpoch epoch_ = 1;
  Seq head_ = -1;  ///< the last event delivered; -1 before begin_at()
  Seq seen_ = 0;   ///< the highest one heard of
  bool filling_ = false;
  std::vector<Membership*> members_;
  std::unique_ptr<chat::PubSub::Subscription> subscription_;
};

}  // namespace respring::websocket
