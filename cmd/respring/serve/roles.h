#pragma once

#include <memory>

#include "chat/event_follower.h"
#include "net/http_server.h"
#include "net/tunnel.h"
#include "respring/serve/demo.h"
#include "respring/serve/figures.h"
#include "respring/serve/peers.h"
#include "respring/serve/platform.h"
#include "services/gateway/gateway.h"
#include "services/message/service.h"
#include "services/room/service.h"
#include "services/search/service.h"
#include "services/user/remembering_accounts.h"
#include "services/user/service.h"
#include "services/websocket/node.h"
#include "telemetry/health.h"

namespace respring::cmd {

/// The roles of this process: each calls another through its interface only, which is the role
/// itself or, where it runs elsewhere, its client.
class Roles {
 public:
  Roles(Platform& platform, const Settings& settings, const RoleSet& roles, bool with_demo = false);

  /// Listens on both addresses and begins to follow the events. The error names the address.
  Result<void> start();
  /// readyz fails, and connected clients are told to come back; requests are still answered.
  void drain();
  /// Takes over the settings that may change while it runs.
  void reload(const Settings& settings);
  /// Somebody of the demo and the path that logs him in.
  struct DemoLogIn {
    DemoPerson person;
    std::string path;
  };
  /// The demo's people, made if they are not there. After start(), of a process with all roles that
  /// was made with_demo.
  Result<std::vector<DemoLogIn>> make_demo_people();
  /// drain(), finishes what is under way for at most `grace`, stops listening. True when nothing
  /// had to be cut. Idempotent.
  bool stop(std::chrono::milliseconds grace);

  std::uint16_t port() const { return public_server_->port(); }
  std::uint16_t admin_port() const { return admin_server_->port(); }
  const gateway::Gateway& gateway() const { return *gateway_; }

 private:
  chat::RoomLog& log() { return message_ ? *message_ : peers_->log(); }
  chat::Accounts& accounts();
  chat::RoomLists& lists() { return room_ ? *room_ : peers_->lists(); }

  void make_services(const Settings& settings);
  void make_gateway(const Settings& settings, bool with_demo);
  void add_internal_routes();
  void add_checks();
  void make_servers(const Settings& settings);
  /// Finishes rooms whose creation a crash cut in half, now and every half a minute.
  static Task<void> finish_rooms(Roles& roles);
  Task<net::Response> handle(net::Request& request);
  /// What another process asks; its faults are logged here.
  Task<net::Response> handle_from_role(net::Request& request);
  /// Of that, what a gateway hands on.
  Task<net::Response> handle_forwarded(net::Request& request);
  Task<net::UpgradeDecision> upgrade(net::Request& request);
  Task<net::UpgradeDecision> admit(net::Request& request);

  Platform& platform_;
  const RoleSet roles_;
  health::Registry health_;
  std::chrono::milliseconds reconnect_spread_{5000};
  std::unique_ptr<Peers> peers_;  ///< empty when every role is here
  std::unique_ptr<user::RememberingAccounts>
      remembering_;  ///< before peers' accounts, if it can be
  std::unique_ptr<message::MessageService> message_;
  std::unique_ptr<user::UserService> user_;
  std::unique_ptr<room::RoomService> room_;
  std::unique_ptr<search::SearchService> search_;
  std::unique_ptr<websocket::Node> node_;
  net::Router user_routes_;
  net::Router room_routes_;
  net::Router message_routes_;
  net::Router search_routes_;
  net::Router internal_routes_;
  net::Router admin_routes_;
  DemoLinks demo_links_;
  std::map<Role, net::Router> elsewhere_;  ///< the routes of roles that run in other processes
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<net::Tunnels> tunnels_;
  std::vector<std::unique_ptr<chat::EventFollower>> followers_;
  std::unique_ptr<SlowFigures> slow_figures_;
  std::unique_ptr<net::HttpServer> public_server_;
  std::unique_ptr<net::HttpServer> admin_server_;
  async::TaskGroup background_;
  asio::steady_timer sweep_timer_;
  std::atomic<bool> draining_{false};
  bool stopped_ = false;
};

}  // namespace respring::cmd
