#include "ops/manifests/input.h"

#include <algorithm>
#include <set>

#include "config/layers.h"
#include "ops/manifests/conditions.h"

namespace respring::manifests {
namespace {

using config::Effective;
using config::Tree;

/// Applies one file: values here, settings there.
void apply(const Source& source, config::Layers& values, config::Layers& settings) {
  auto tree = config::parse_yaml(source.text, source.path);
  if (!tree) {
    values.problems().push_back(std::move(tree).error());
    return;
  }
  Tree rest = std::move(tree).value();
  const auto at =
      std::ranges::find(rest.members, kSettingsSection,
                        [](const auto& member) -> std::string_view { return member.first; });
  if (at != rest.members.end()) {
    settings.apply_file(at->second, source.path);
    rest.members.erase(at);
  }
  values.apply_file(rest, source.path);
}

/// The address in `s3://bucket/prefix?region=r&endpoint=URL`; without one Amazon's.
std::string endpoint_of(const std::string& url) {
  constexpr std::string_view kName = "endpoint=";
  const auto at = url.find(kName);
  if (at == std::string::npos) return "https://amazonaws.com";
  const std::string rest = url.substr(at + kName.size());
  return rest.substr(0, rest.find('&'));
}

}  // namespace

bool has_bucket(const Input& input) { return input.setting("blobs").starts_with("s3:"); }

std::string Input::setting(std::string_view key) const {
  const Effective* found = settings.find(key);
  return found == nullptr ? std::string() : found->text;
}

bool Input::given(const Effective& setting) const {
  return setting.origin.layer != config::Layer::fallback &&
         setting.field->type != config::Type::structs;
}

Result<Input, config::Problems> read_input(std::string environment,
                                           const std::vector<Source>& sources,
                                           const BinaryFacts& facts, config::Registry& settings) {
  Input input;
  input.environment = std::move(environment);
  input.facts = facts;
  config::Registry registry;
  declare(registry, input.values, facts);
  config::Layers value_layers(registry);
  config::Layers setting_layers(settings, std::string(kSettingsSection));
  for (const Source& source : sources) apply(source, value_layers, setting_layers);
  value_layers.finish();
  setting_layers.finish();
  config::Problems problems{std::move(value_layers.problems())};
  std::ranges::move(setting_layers.problems(), std::back_inserter(problems.all));
  if (!problems.all.empty()) return problems;
  input.settings = setting_layers.take();
  input.given_values = value_layers.take();
  problems.all = conditions_broken(input);
  if (!problems.all.empty()) return problems;
  return input;
}

std::string secret_of(const Input& input, const std::string& server) {
  const SecretValues& secrets = input.values.secrets;
  if (server.starts_with("redis.")) return secrets.redis;
  if (server == "search") return secrets.search;
  if (server == "blobs") return has_bucket(input) ? secrets.blobs : std::string();
  if (!server.starts_with("stores.") || !input.setting(server).starts_with("mysql:")) return {};
  std::string name = server.substr(std::string_view("stores.").size());
  if (name.starts_with("shards."))
    name = input.setting(server.substr(0, server.rfind('.')) + ".name");
  const auto own = std::ranges::find(secrets.each, name, &SecretValues::Of::name);
  return own == secrets.each.end() ? secrets.databases : own->secret;
}

ServerKind server_kind(const Input& input, const std::string& server) {
  const NetworkValues& network = input.values.network;
  if (server.starts_with("redis.")) return {"redis", "redis", &network.redis};
  if (server == "bus") return {"kafka", "kafka", &network.kafka};
  if (server == "search") return {"elasticsearch", "search", &network.search};
  if (server == "blobs") return {"blobs", "blobs", &network.blobs, false};
  return {"mysql", "databases", &network.databases};
}

std::vector<std::string> servers_of(const Input& input, const RoleFacts& role) {
  std::vector<std::string> servers;
  for (const std::string& used : role.uses) {
    if (used != "stores.shards") {
      servers.push_back(used);
      continue;
    }
    for (const Effective& setting : input.settings.values) {
      if (setting.key.starts_with("stores.shards.") && setting.key.ends_with(".dsn"))
        servers.push_back(setting.key);
    }
  }
  return servers;
}

int number_of(const std::string& text, int fallback) {
  const auto number = config::parse_integer(text);
  return number ? static_cast<int>(number.value()) : fallback;
}

std::vector<int> ports_of(const std::string& url) {
  if (url.starts_with("s3:")) return ports_of(endpoint_of(url));
  static const std::pair<std::string_view, int> kUsual[] = {
      {"mysql", 3306}, {"redis", 6379}, {"kafka", 9092}, {"https", 443}, {"http", 80}};
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  int usual = 9200;  // a search engine
  for (const auto& [name, port] : kUsual) {
    if (url.starts_with(name)) {
      usual = port;
      break;
    }
  }
  std::string hosts = url.substr(scheme + 3);
  hosts = hosts.substr(0, hosts.find('/'));
  hosts = hosts.substr(hosts.rfind('@') + 1);  // npos + 1 is 0
  std::set<int> ports;
  for (std::size_t at = 0; at <= hosts.size();) {
    const std::size_t end = std::min(hosts.find(',', at), hosts.size());
    const std::string host = hosts.substr(at, end - at);
    const auto colon = host.rfind(':');
    ports.insert(colon == std::string::npos ? usual : number_of(host.substr(colon + 1)));
    at = end + 1;
  }
  return {ports.begin(), ports.end()};
}

}  // namespace respring::manifests
