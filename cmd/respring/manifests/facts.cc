#include "respring/manifests/facts.h"

#include "config/layers.h"
#include "net/http_server.h"
#include "respring/serve/admin.h"
#include "respring/serve/role_table.h"
#include "respring/settings.h"
#include "respring/verbs.h"
#include "telemetry/process.h"

namespace respring::cmd {
namespace {

/// Files of secrets are in the cluster and not here: their names are settings, their content is not
/// looked at.
void drop_secret_files(config::Tree& tree, const std::string& outer,
                       const std::vector<std::string>& keys) {
  for (auto& item : tree.items) drop_secret_files(item, outer + "[]", keys);
  std::erase_if(tree.members, [&](const auto& member) {
    const std::string key = outer.empty() ? member.first : outer + "." + member.first;
    return std::ranges::find(keys, key) != keys.end();
  });
  for (auto& [name, inner] : tree.members)
    drop_secret_files(inner, outer.empty() ? name : outer + "." + name, keys);
}

void add_secret_keys(const config::Registry& registry, const std::string& outer,
                     std::vector<std::string>& out) {
  for (const config::Field& field : registry.fields()) {
    if (field.type == config::Type::secret_file) out.push_back(outer + field.key);
    if (field.element) add_secret_keys(*field.element, outer + field.key + "[].", out);
  }
}

/// A setting without a section.
bool has(const config::Tree& tree, std::string_view key) {
  return std::ranges::any_of(tree.members, [&](const auto& m) { return m.first == key; });
}

std::optional<std::string> judge_settings(const std::string& yaml) {
  auto tree = config::parse_yaml(yaml, "respring.yaml");
  if (!tree) return tree.error().where + ": " + tree.error().why;
  Settings settings;
  config::Registry registry;
  declare(registry, settings);
  if (has(tree.value(), "blobs_secret_key_file")) settings.blobs.secret_key = secret_elsewhere();
  if (has(tree.value(), "search_password_file")) settings.search.password = secret_elsewhere();
  std::vector<std::string> secrets;
  add_secret_keys(registry, "", secrets);
  drop_secret_files(tree.value(), "", secrets);
  config::Layers layers(registry);
  layers.apply_file(tree.value(), "respring.yaml");
  layers.finish();
  if (layers.problems().empty()) return std::nullopt;
  return config::Problems{std::move(layers.problems())}.text();
}

std::optional<std::string> judge_command(const std::vector<std::string>& words) {
  CommonWords common;
  const auto root = command_line(common);
  const auto outcome = root->parse(words);
  if (outcome.kind == Arguments::Outcome::Kind::wrong) return outcome.why;
  if (outcome.command == nullptr || !outcome.command->body()) return "is no command of this binary";
  if (!words.empty() && words.front() == "serve" && words.size() > 1 &&
      words[1].starts_with("--role=")) {
    const auto roles = RoleSet::parse(words[1].substr(7));
    if (!roles) return roles.error().detail;
  }
  return std::nullopt;
}

}  // namespace

Secret<std::string> secret_elsewhere() { return Secret<std::string>("in a Secret of the cluster"); }

manifests::BinaryFacts binary_facts() {
  const Settings defaults;
  manifests::BinaryFacts facts;
  facts.version = telemetry::build().version;
  for (const RoleRow& row : role_table()) {
    manifests::RoleFacts role;
    role.name = name_of(row.role);
    for (const Role asked : row.asks) role.asks.emplace_back(name_of(asked));
    for (const Role next : row.hands_on) role.asks.emplace_back(name_of(next));
    role.uses.assign(row.uses.begin(), row.uses.end());
    role.faces_clients = row.faces_clients;
    role.keeps_sockets = row.role == Role::websocket;
    facts.roles.push_back(std::move(role));
  }
  facts.port = defaults.listen.port;
  facts.admin_port = defaults.admin_listen.port;
  facts.live_path = kLivePath;
  facts.ready_path = kReadyPath;
  facts.metrics_path = kMetricsPath;
  facts.websocket_path = net::HttpServerOptions{}.upgrade_path;
  for (const Exit exit : {Exit::refused, Exit::usage, Exit::configuration})
    facts.final_exits.push_back(static_cast<int>(exit));
  facts.drain_seconds = defaults.drain_seconds;
  return facts;
}

manifests::Judges binary_judges() { return {judge_settings, judge_command}; }

}  // namespace respring::cmd
