#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "async/run.h"
#include "base/time.h"
#include "chat/ports/presence.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/rate_limiter.h"
#include "chat/ports/recent_events.h"
#include "chat/ports/room_log.h"
#include "chat/roles/accounts.h"
#include "chat/roles/room_lists.h"
#include "net/problem.h"
#include "net/socket.h"
#include "net/ws_connection.h"
#include "services/websocket/room_channel.h"
#include "services/websocket/settings.h"
#include "services/websocket/user_count.h"

namespace respring::websocket {

class Connection;

/// What the websocket role stands on; all borrowed.
struct Ports {
  chat::Accounts& accounts;
  chat::RoomLog& log;  ///< the message role
  chat::RoomLists& lists;
  chat::PubSub& pub_sub;
  chat::RecentEvents& recent;  ///< asked before the log
  chat::Presence& presence;
  chat::RateLimiter& limiter;
};

/// The connections of one io_context and the rooms they are in. Everything happens on that thread;
/// signals from pub/sub are posted to it.
class Hub : public std::enable_shared_from_this<Hub> {
 public:
  Hub(Ports ports, const Settings& settings, std::string node, asio::io_context& io,
      async::TaskGroup& tasks, UserCount& users);
  ~Hub();

  void start();
  void accept(net::UpgradedSocket socket, std::optional<chat::Session> session,
              net::Language language);
  /// Tells every client to come back to another node (or this one, restarted) and closes.
  void drain(std::chrono::milliseconds spread);
  /// Takes over what may change while it runs.
  void reload(const Settings& settings);
  void close_sessions(const std::vector<SessionId>& sessions);

  /// The room's channel, made and listening if there was none.
  RoomChannel& channel(RoomId room);
  RoomChannel* find_channel(RoomId room);
  /// Soon, not now: its own functions may be under way.
  void drop_if_empty(RoomId room);
  void end_room(RoomId room);

  /// From now on the connection hears of rooms its user joins.
  void listen_to_user(Connection& connection);
  /// It is of no room and no user any more, but its socket is still closing …
  void forget(Connection& connection);
  /// … and now it is not.
  void gone(Connection& connection);

  /// Runs it soon, on this hub's thread, as long as the hub is there.
  void post(std::function<void()> work);
  void spawn(Task<void> task) { tasks_.spawn(io_.get_executor(), std::move(task)); }
  const Ports& ports() const { return ports_; }
  const Settings& settings() const { return settings_; }
  const std::string& node() const { return node_; }
  asio::io_context& io() { return io_; }
  UserCount& users() { return users_; }
  const std::shared_ptr<const net::WsOptions>& ws_options() const { return ws_options_; }
  std::size_t connections() const { return connections_.size(); }
  void note_received() { ++received_; }
  void note_sent() { ++sent_; }

 private:
  struct UserChannel {
    std::vector<Connection*> connections;
    std::unique_ptr<chat::PubSub::Subscription> subscription;
  };

  void on_user_signal(const std::string& payload);
  void sweep();
  static Task<void> sweep_loop(std::shared_ptr<Hub> hub);
  static Task<void> compare_heads(std::shared_ptr<Hub> hub);
  static Task<void> look_for_rooms(std::shared_ptr<Hub> hub);
  static Task<void> check_sessions(std::shared_ptr<Hub> hub);
  static Task<void> see_everybody_off(std::shared_ptr<Hub> hub);

  Ports ports_;
  Settings settings_;
  std::string node_;
  asio::io_context& io_;
  async::TaskGroup& tasks_;
  UserCount& users_;
  asio::steady_timer timer_;
  std::shared_ptr<const net::WsOptions> ws_options_;
  std::uint64_t received_ = 0;  ///< text frames since the last sweep, which tells the metric
  std::uint64_t sent_ = 0;
  std::size_t queued_ = 0;  ///< bytes of all connections at the last sweep
  bool stopping_ = false;
  bool comparing_ = false;
  bool checking_ = false;
  std::chrono::steady_clock::time_point next_comparison_{};
  std::chrono::steady_clock::time_point next_session_check_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::unordered_set<std::shared_ptr<Connection>> closing_;
  asio::steady_timer farewell_;
  std::unordered_map<RoomId, std::unique_ptr<RoomChannel>> channels_;
  std::unordered_map<UserId, UserChannel> user_channels_;
};

}  // namespace respring::websocket
