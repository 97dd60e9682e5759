#pragma once

#include <memory>

#include "chat/event_follower.h"
#include "net/http_server.h"
#include "respring/serve/platform.h"
#include "services/gateway/gateway.h"
#include "services/message/service.h"
#include "services/room/service.h"
#include "services/search/service.h"
#include "services/user/service.h"
#include "services/websocket/node.h"
#include "telemetry/health.h"

namespace respring::cmd {

/// The seven roles in one process: each calls another through its interface only.
class Roles {
 public:
  Roles(Platform& platform, const Settings& settings);

  /// Listens on both addresses and begins to follow the events. The error names the address.
  Result<void> start();
  /// readyz fails, and connected clients are told to come back; requests are still answered.
  void drain();
  /// drain(), finishes what is under way for at most `grace`, stops listening. True when nothing
  /// had to be cut. Idempotent.
  bool stop(std::chrono::milliseconds grace);

  std::uint16_t port() const { return public_server_->port(); }
  std::uint16_t admin_port() const { return admin_server_->port(); }
  const gateway::Gateway& gateway() const { return *gateway_; }

 private:
  void add_followers();
  void add_checks();
  void make_servers(const Settings& settings);
  Task<net::UpgradeDecision> upgrade(net::Request& request);

  Platform& platform_;
  health::Registry health_;
  std::chrono::milliseconds reconnect_spread_{5000};
  message::MessageService message_;
  user::UserService user_;
  room::RoomService room_;
  search::SearchService search_;
  websocket::Node node_;
  net::Router user_routes_;
  net::Router room_routes_;
  net::Router message_routes_;
  net::Router search_routes_;
  net::Router admin_routes_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::vector<std::unique_ptr<chat::EventFollower>> followers_;
  std::unique_ptr<net::HttpServer> public_server_;
  std::unique_ptr<net::HttpServer> admin_server_;
  std::atomic<bool> draining_{false};
  bool stopped_ = false;
};

}  // namespace respring::cmd
