#include "respring/serve/banner.h"

#include "respring/console.h"
#include "services/gateway/static_files.h"
#include "telemetry/process.h"

namespace respring::cmd {
namespace {

std::string url_of(const config::Endpoint& endpoint, std::uint16_t port, std::string_view scheme) {
  std::string host = endpoint.host.empty() ? "127.0.0.1" : endpoint.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return std::string(scheme) + "://" + host + ":" + std::to_string(port);
}

std::string file_of(const std::string& dsn) { return dsn.substr(dsn.find(':') + 1); }

}  // namespace

std::string http_address(const config::Endpoint& endpoint, std::uint16_t port) {
  return url_of(endpoint, port, "http");
}

std::string serve_banner(const Settings& s, std::uint16_t port, std::uint16_t admin_port) {
  const std::string http = http_address(s.listen, port);
  const bool web = !gateway::find_web_folder().empty();
  Table table;
  table.head = {"  role", "address", "backend"};
  table.rows = {
      {"  gateway", http, web ? "web client included" : "no web client built"},
      {"  user, room", "in process",
       "sqlite  " + file_of(s.stores.user) + ", " + file_of(s.stores.room)},
      {"  message", "in process",
       "sqlite  " + std::to_string(s.stores.shards.size()) + " shards, 4096 slots, map version 1"},
      {"  search", "in process", "fts5    search.db"},
      {"  notification", "in process",
       "no channels yet: push and webhooks are not in this version"},
      {"  websocket", url_of(s.listen, port, "ws") + "/v1/ws", ""},
      {"  admin", url_of(s.admin_listen, admin_port, "http"), "/readyz /metrics"},
  };
  std::string text = "respring " + std::string(telemetry::build().version) +
                     " · all roles · data in " + s.data_dir.string() + "\n\n" + render_table(table);
  text += "\n  Open " + http + "\n  Stop with Ctrl-C; everything acknowledged stays.\n";
  return text;
}

}  // namespace respring::cmd
