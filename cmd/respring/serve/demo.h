#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "net/router.h"
#include "respring/serve/platform.h"
#include "services/message/service.h"
#include "services/room/service.h"
#include "services/user/service.h"

namespace respring::cmd {

/// How long the demo's log-ins last.
inline constexpr std::chrono::hours kDemoLife{1};

/// A person of the demo and a token that logs him in.
struct DemoPerson {
  std::string handle;
  std::string name;
  Secret<std::string> token;
};

/// `GET /demo/CODE` gives a browser somebody's session and sends it to the web client: logging in
/// by one click. Any thread.
class DemoLinks {
 public:
  DemoLinks();

  /// The path of a new link, good for kDemoLife.
  std::string add(const Secret<std::string>& token);
  const net::Router& routes() const { return routes_; }

 private:
  Task<net::Response> follow(const net::Request& request, std::string code);

  struct Link {
    Secret<std::string> token;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex mutex_;
  std::map<std::string, Link, std::less<>> links_;
  net::Router routes_;
};

/// Makes the demo's Korean people, rooms and messages unless they are there already, and logs each
/// person in. Blocks; the I/O threads must run.
Result<std::vector<DemoPerson>> make_demo(Platform& platform, user::UserService& users,
                                          room::RoomService& rooms, message::MessageService& log);

}  // namespace respring::cmd
