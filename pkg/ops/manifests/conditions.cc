// What must hold between values, between them and the settings below `config:`, and the roles.
#include "ops/manifests/conditions.h"

#include <algorithm>
#include <set>

#include "config/nearest.h"
#include "ops/manifests/role_settings.h"

namespace respring::manifests {
namespace {

using config::Effective;
using config::Problem;

/// What follows from the cluster itself and may therefore not be written.
std::optional<std::string> derived(const Effective& setting) {
  if (setting.field->type == config::Type::secret_file)
    return "the manifests mount Secrets; name them in secrets";
  for (const char* key : {"listen", "admin_listen", "data_dir"}) {
    if (setting.key == key) return "the manifests decide it";
  }
  if (setting.key == "trusted_proxies")
    return "in a cluster they are in ingress.proxies; on one machine it is the loopback";
  if (setting.key.starts_with("peers.")) return "the manifests derive it from the roles";
  return std::nullopt;
}

class Conditions {
 public:
  explicit Conditions(const Input& input) : in_(input) {}

  std::vector<Problem> look() {
    for (const Effective& setting : in_.settings.values) {
      if (!in_.given(setting)) continue;
      if (const auto why = derived(setting)) blame(setting, *why);
    }
    enough_grace();
    proxies();
    controller();
    for (const RoleFacts& role : in_.facts.roles) asked(role);
    secrets_are_used();
    login();
    std::set<std::string> servers;
    for (const RoleFacts& role : in_.facts.roles) {
      if (in_.role(role.name).replicas == 0) continue;
      for (std::string& server : servers_of(in_, role)) servers.insert(std::move(server));
    }
    for (const std::string& server : servers) shared(server);
    blobs();
    network();
    return std::move(problems_);
  }

 private:
  /// A setting.
  void blame(const Effective& setting, const std::string& why) {
    const std::string key = std::string(kSettingsSection) + "." + setting.key;
    problems_.push_back({setting.origin.text(), key, key + ": " + why});
  }

  /// A value; if nobody wrote it, `other` is what asks for it.
  void blame(const std::string& key, const std::string& why, const Effective* other = nullptr) {
    const Effective* value = in_.given_values.find(key);
    const bool written = value != nullptr && value->origin.layer != config::Layer::fallback;
    const Effective* at = written || other == nullptr ? value : other;
    problems_.push_back({at == nullptr ? "values" : at->origin.text(), key, key + ": " + why});
  }

  void enough_grace() {
    const int drain = number_of(in_.setting("shutdown.drain_seconds"));
    const int wanted = in_.values.shutdown.leave_seconds + drain + 5;
    const int given = in_.values.shutdown.grace_seconds;
    if (given >= wanted) return;
    blame("shutdown.grace_seconds", std::to_string(given) +
                                        " is too short: leaving, draining and ending take " +
                                        std::to_string(wanted) + " seconds");
  }

  /// Without, all people have the controller's address: one client for every limit.
  void proxies() {
    if (in_.environment.empty() || !in_.values.ingress.enabled) return;
    if (in_.values.ingress.proxies.empty())
      blame("ingress.proxies",
            "is missing: the network of the ingress controller's pods, or everybody is one client",
            in_.given_values.find("ingress.host"));
  }

  /// How long a connection may be silent is said to each controller in its own words.
  void controller() {
    const IngressValues& ingress = in_.values.ingress;
    const bool known = ingress.ingress_class.find("nginx") != std::string::npos;
    if (!ingress.enabled || known || !ingress.annotations.empty()) return;
    blame("ingress.class",
          "'" + ingress.ingress_class +
              "' is not of ingress-nginx, whose timeouts alone are known: WebSockets would be cut. "
              "Say them in ingress.annotations");
  }

  /// A role that does not run and that somebody needs.
  void asked(const RoleFacts& role) {
    if (in_.role(role.name).replicas > 0) return;
    std::string who;
    for (const RoleFacts& other : in_.facts.roles) {
      if (in_.role(other.name).replicas > 0 && std::ranges::count(other.asks, role.name) > 0)
        who += (who.empty() ? "" : ", ") + other.name;
    }
    const std::string key = "roles." + role.name + ".replicas";
    if (!who.empty()) blame(key, "is 0, but others ask this role: " + who);
    if (who.empty() && role.faces_clients && in_.values.ingress.enabled)
      blame(key, "is 0, but the Ingress leads to this role");
  }

  /// A name that no database has would leave that database with the common Secret, silently.
  void secrets_are_used() {
    std::vector<std::string> names = {"meta", "user", "room", "notification"};
    for (const Effective& setting : in_.settings.values) {
      if (setting.key.starts_with("stores.shards.") && setting.key.ends_with(".name"))
        names.push_back(setting.text);
    }
    std::set<std::string> seen;
    const auto& each = in_.values.secrets.each;
    for (std::size_t i = 0; i < each.size(); ++i) {
      const std::string& name = each[i].name;
      const std::string key = "secrets.each." + std::to_string(i) + ".name";
      if (std::ranges::find(names, name) == names.end()) {
        const auto near = config::nearest(name, names);
        blame(key, "there is no database '" + name + "'" +
                       (near ? "; did you mean '" + *near + "'?" : ""));
      } else if (!seen.insert(name).second) {
        blame(key, "'" + name + "' stands there twice");
      }
    }
  }

  /// A password is one of somebody.
  void login() {
    const Effective* setting = in_.settings.find("search");
    if (setting == nullptr || in_.values.secrets.search.empty()) return;
    if (setting->text.find("://") == std::string::npos ||
        setting->text.find('@') != std::string::npos)
      return;
    blame(*setting,
          "'" + setting->text +
              "' names no user, and secrets.search holds the password of one: …://USER@…");
  }

  /// Processes on several machines cannot share what lies inside one.
  void shared(const std::string& server) {
    const Effective* setting = in_.settings.find(server);
    if (setting == nullptr) return;
    if (setting->text == "local" || setting->text.starts_with("sqlite:"))
      return blame(*setting, "'" + setting->text +
                                 "' is inside one process; roles that run apart need a server");
    if (setting->text.starts_with("mysql:") && secret_of(in_, server).empty())
      blame("secrets.databases",
            "nothing says which Secret holds the password of " +
                server.substr(0, server.rfind(".dsn")) + "; or name it in secrets.each",
            setting);
  }

  /// Each pod has folders of its own: what one moves there no other finds.
  void blobs() {
    const Effective* setting = in_.settings.find("blobs");
    if (setting == nullptr) return;
    if (in_.values.archive.enabled && !has_bucket(in_))
      blame(*setting,
            "'" + setting->text + "' is inside one pod; archive.enabled needs a bucket: s3://…");
    if (has_bucket(in_) && in_.values.secrets.blobs.empty())
      blame("secrets.blobs", "nothing says which Secret holds the key of the bucket", setting);
  }

  /// NetworkPolicies know no names: what `network` leaves out cannot be reached.
  void network() {
    if (in_.environment.empty()) return;  // the base is for no cluster
    std::set<std::string> empty;
    const auto needs = [&](const char* key, const Effective* setting) {
      if (setting == nullptr || ports_of(setting->text).empty()) return;
      const std::string value = std::string("network.") + key;
      if (empty.insert(value).second)
        blame(value,
              "is empty, but " + std::string(kSettingsSection) + "." + setting->key +
                  " names a server: NetworkPolicies would let nobody reach it",
              setting);
    };
    for (const std::string& server : servers_of(in_, operator_role(in_.facts))) {
      const ServerKind kind = server_kind(in_, server);
      const bool made = in_.values.servers.enabled && kind.for_development;
      if (!made && kind.places->empty()) needs(kind.value, in_.settings.find(server));
    }
    if (in_.values.network.tracing.empty())
      needs("tracing", in_.settings.find("telemetry.otlp_endpoint"));
  }

  const Input& in_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> conditions_broken(const Input& input) { return Conditions(input).look(); }

}  // namespace respring::manifests
