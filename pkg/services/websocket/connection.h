#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/commands.h"
#include "chat/types.h"
#include "net/problem.h"
#include "net/ws_connection.h"
#include "services/websocket/client_frame.h"
#include "services/websocket/membership.h"
#include "services/websocket/server_frame.h"

namespace respring::websocket {

class Hub;

using net::Frame;

/// A token bucket of one connection; a few bytes, no key, no lock.
struct FrameBudget {
  double tokens = 0;
  std::chrono::steady_clock::time_point at{};
};

/// One client's WebSocket: who he is, the rooms he hears, what he asks. On its hub's thread. Frames
/// are handled one after the other, so that his sends keep their order.
class Connection final : public net::WsHandler, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Hub& hub, std::optional<chat::Session> session, net::Language language);

  void start(net::UpgradedSocket socket);
  void close(std::uint16_t code, std::string_view reason);
  /// Ends the socket now; after close().
  void cut() { ws_->cut(); }
  bool closed() const { return closed_; }

  void on_message(std::string_view text) override;
  void on_closed(std::uint16_t code) override;

  UserId user() const { return session_ ? session_->user : UserId{}; }
  SessionId session() const { return session_ ? session_->id : SessionId{}; }
  bool ready() const { return ready_; }
  /// His rooms whose shards did not answer when he came: he hears nothing of them.
  const std::vector<RoomId>& unreachable() const { return unreachable_; }

  /// Queues a framed text; a client whose queue is full is closed (4009), after this has returned:
  /// memberships never end in here.
  void send(const Frame& frame);
  void send_text(std::string_view json);
  /// So much is queued that events are left out rather than added.
  bool is_behind() const;
  std::size_t queued_bytes() const { return ws_->queued_bytes(); }

  Membership* membership(RoomId room);
  /// He has become a member by the event of that seq: he hears the room from there on.
  void on_joined(RoomId room, RoomEpoch epoch, Seq seq);
  /// From now on he hears the room, behind `sent`.
  void join(RoomId room, Seq first_seq, Seq sent);
  void leave(RoomId room);

  /// Once a second: time-outs, heartbeat, owed `lag` frames.
  void sweep(Clock::time_point now);
  /// Ends the connection and asks the client to come back.
  void send_back(std::int64_t after_ms, std::string_view why);

 private:
  static Task<void> handle_frames(std::shared_ptr<Connection> self);
  Task<void> handle(std::string text);
  Task<void> handle_frame(ClientFrame frame);
  void bad_frame(const BadFrame& bad);
  bool within_budget();

  Task<void> on_hello(const Hello& hello);
  Task<Result<void>> authenticate(const Hello& hello);
  void begin_stream(const std::vector<chat::RoomView>& views,
                    const std::vector<chat::SyncItem>& items,
                    const std::vector<std::string>& asked);
  Task<void> on_change(std::string ref, Change change);
  Task<void> on_sync(std::string ref, const Sync& sync);
  Task<void> on_watch(const WatchPresence& watch);
  void on_read(const ReadTo& read);
  void on_typing(const Typing& typing);
  void submit(chat::Write write, Ref ref, std::optional<Acked> acked);
  void fail(const Ref& ref, const Error& error);
  void publish_presence(bool online);

  void catch_up(Membership& membership);
  static Task<void> catch_up_from_log(std::shared_ptr<Connection> self, RoomId room);
  /// False when the membership ended or nothing more is to come from this page.
  bool take_page(RoomId room, const chat::LogPage& page);
  void become_ready();
  void heartbeat();
  void tell_lags();
  void close_slow();
  void end();

  struct Joined {
    RoomId room;
    RoomEpoch epoch = 1;
    Seq seq = 0;
  };

  Hub& hub_;
  std::shared_ptr<net::WsConnection> ws_;
  std::optional<chat::Session> session_;
  net::Language language_;
  bool ready_ = false;
  bool closed_ = false;
  bool lost_ = false;      ///< its socket takes nothing any more; it is about to be closed
  bool counted_ = false;   ///< against the user's connections
  bool handling_ = false;  ///< a coroutine works through input_
  std::uint16_t in_flight_ = 0;
  std::uint16_t bad_frames_ = 0;
  std::uint16_t refused_frames_ = 0;
  FrameBudget budget_;
  Clock::time_point opened_;
  Clock::time_point bad_since_{};
  Clock::time_point next_heartbeat_{};
  Clock::time_point typed_at_{};
  std::unique_ptr<std::deque<std::string>> input_;
  std::vector<std::unique_ptr<Membership>> memberships_;
  std::vector<RoomId> unreachable_;
  std::vector<Joined> joined_early_;  ///< while his rooms were being read
};

}  // namespace respring::websocket
