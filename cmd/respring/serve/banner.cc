#include "respring/serve/banner.h"

#include "mysql/dsn.h"
#include "respring/backends.h"
#include "respring/console.h"
#include "respring/serve/documents.h"
#include "telemetry/process.h"

namespace respring::cmd {
namespace {

std::string url_of(const config::Endpoint& endpoint, std::uint16_t port, std::string_view scheme) {
  std::string host = endpoint.host.empty() ? "127.0.0.1" : endpoint.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return std::string(scheme) + "://" + host + ":" + std::to_string(port);
}

/// `sqlite  user.db`, `mysql  127.0.0.1:3306/respring_user`.
std::string backend_of(const DatabaseSettings& database) {
  const std::string& dsn = database.dsn;
  if (is_file(database)) return "sqlite  " + dsn.substr(dsn.find(':') + 1);
  const auto options = mysql::parse_dsn(dsn);
  if (!options) return "mysql";
  return "mysql   " + options.value().host + ":" + std::to_string(options.value().port) + "/" +
         options.value().database;
}

/// A URL without the user in front of its host.
std::string place_of(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto at = url.rfind('@');
  const auto host = at == std::string::npos ? scheme + 3 : at + 1;
  return url.substr(0, scheme) + "   " + url.substr(host);
}

std::string bus_of(const Settings& s) {
  return s.bus == "local" ? "events in bus.db" : place_of(s.bus);
}

std::string backend_of(Role role, const Settings& s) {
  switch (role) {
    case Role::gateway:
      return web_pack().empty() ? "no web client built" : "web client included";
    case Role::user:
      return backend_of(s.stores.user);
    case Role::room:
      return backend_of(s.stores.room);
    case Role::message:
      return backend_of(s.stores.shards.front().database) +
             (s.stores.shards.size() > 1 ? " and others: " : ": ") +
             std::to_string(s.stores.shards.size()) + " shards; " + bus_of(s);
    case Role::search:
      return s.search.url == "local" ? "fts5    search.db" : place_of(s.search.url);
    case Role::notification:
      return "no channels yet: push and webhooks are not in this version";
    case Role::websocket:
      return s.redis.pubsub == "local" ? "" : place_of(s.redis.pubsub);
  }
  return {};
}

std::string address_of(Role role, const Settings& s, const RoleSet& roles, std::uint16_t port) {
  if (role == Role::websocket) return url_of(s.listen, port, "ws") + "/v1/ws";
  if (role == Role::gateway || !roles.is_all()) return url_of(s.listen, port, "http");
  return "in process";
}

}  // namespace

std::string http_address(const config::Endpoint& endpoint, std::uint16_t port) {
  return url_of(endpoint, port, "http");
}

std::string serve_banner(const Settings& s, const RoleSet& roles, std::uint16_t port,
                         std::uint16_t admin_port) {
  Table table;
  table.head = {"  role", "address", "backend"};
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    const Role role = static_cast<Role>(i);
    if (!roles.has(role)) continue;
    table.rows.push_back(
        {"  " + std::string(kRoleNames[i]), address_of(role, s, roles, port), backend_of(role, s)});
  }
  table.rows.push_back({"  admin", url_of(s.admin_listen, admin_port, "http"), "/readyz /metrics"});
  const std::string what = roles.is_all() ? "all roles" : "role " + roles.str();
  std::string text = "respring " + std::string(telemetry::build().version) + " · " + what +
                     " · data in " + s.data_dir.string() + "\n\n" + render_table(table);
  if (roles.has(Role::gateway)) text += "\n  Open " + http_address(s.listen, port);
  text += "\n  Stop with Ctrl-C; everything acknowledged stays.\n";
  return text;
}

}  // namespace respring::cmd
