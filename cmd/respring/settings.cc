#include "respring/settings.h"

#include <set>

#include "elasticsearch/options.h"
#include "kafka/options.h"
#include "mysql/dsn.h"
#include "net/networks.h"
#include "redis/address.h"
#include "respring/peer_urls.h"
#include "respring/serve/tracing.h"
#include "s3/options.h"

namespace respring::cmd {
namespace {

using config::Registry;
using Complaint = std::optional<std::string>;

/// An origin as browsers send it (RFC 6454): scheme and host, no path.
Complaint check_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view host = text.substr(scheme.size());
    if (!host.empty() && host.find_first_of("/?#@ ") == std::string_view::npos) return std::nullopt;
  }
  return "is not an origin like https://chat.example.org";
}

Complaint check_url(std::string_view text) {
  return text.empty() ? std::nullopt : check_origin(text);
}

Complaint check_network(std::string_view text) {
  if (net::Network::parse(text)) return std::nullopt;
  return "is not an address or network like 10.0.0.0/8";
}

Complaint check_shard_name(std::string_view text) {
  if (!text.empty() && text.size() <= 64 &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos) {
    return std::nullopt;
  }
  return "is not a name of a-z, 0-9 and -";
}

Complaint check_no_password(const Secret<std::string>& password) {
  if (password.reveal().empty()) return std::nullopt;
  return "holds a password; write it to a file and name that in the setting beside it, …_file";
}

Complaint check_database(std::string_view text) {
  if (text.starts_with("sqlite:") && text.size() > 7) return std::nullopt;
  if (!text.starts_with("mysql:")) return "is not known; use sqlite:FILE or mysql://user@host/name";
  const auto options = mysql::parse_dsn(text);
  if (!options) return "is not right: " + options.error().detail;
  return check_no_password(options.value().password);
}

Complaint check_replica(std::string_view text) {
  if (text.starts_with("sqlite:")) return "is a file: only MySQL's replicas can be waited for";
  return text.empty() ? std::nullopt : check_database(text);
}

/// An address of a server. What a setting says is shown to people and in bundles.
template <class Parse>
std::function<Complaint(std::string_view)> local_or(Parse parse) {
  return [parse](std::string_view text) -> Complaint {
    if (text == "local") return std::nullopt;
    const auto read = parse(text);
    if (!read) return "is not right: " + read.error().detail + "; or use local";
    if constexpr (requires { read.value().password; })
      return check_no_password(read.value().password);
    return std::nullopt;
  };
}

Complaint check_blobs(std::string_view text) {
  if (text.starts_with("file:") && text.size() > 5) return std::nullopt;
  if (!text.starts_with("s3:")) return "is not known; use file:FOLDER or s3://BUCKET";
  const auto read = s3::options_from(text);
  return read ? std::nullopt : Complaint("is not right: " + read.error().detail);
}

Complaint check_prefix(std::string_view text) {
  if (text.size() <= 64 &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos) {
    return std::nullopt;
  }
  return "is not of a-z, 0-9, - _ and .";
}

Complaint check_peers(std::string_view text) {
  if (text.empty() || parse_peers(text)) return std::nullopt;
  return "is not like http://host:port, several with commas";
}

Complaint check_collector(std::string_view text) {
  if (text.empty() || parse_collector(text)) return std::nullopt;
  return "is not like http://host:port/v1/traces; for https put a collector beside this process";
}

void declare_shard(Registry& registry, ShardSettings& shard) {
  registry.add("name", &shard.name, "Name of the shard; never changes.",
               {.check = check_shard_name});
  registry.add(
      "dsn", &shard.database.dsn, "Its database.",
      {.example = "mysql://respring@127.0.0.1:3306/respring_shard_0", .check = check_database});
  registry.add_secret("password", &shard.database.password, "File with the password of its user.");
  registry.add(
      "replica", &shard.replica,
      "A replica of its server that moves to the shard wait for; the same password.",
      {.example = "mysql://respring@127.0.0.2:3306/respring_shard_0", .check = check_replica});
}

void declare_store(Registry& registry, const std::string& name, DatabaseSettings& database,
                   std::string doc) {
  registry.add(
      "stores." + name, &database.dsn, std::move(doc),
      {.example = "mysql://respring@127.0.0.1:3306/respring_" + name, .check = check_database});
  registry.add_secret("stores." + name + "_password", &database.password,
                      "File with the password of its user.");
}

void declare_stores(Registry& registry, StoreSettings& s) {
  declare_store(registry, "meta", s.meta, "Database of the shard map and of jobs.");
  declare_store(registry, "user", s.user, "Database of people and sessions.");
  declare_store(registry, "room", s.room, "Database of the room directory.");
  declare_store(registry, "notification", s.notification, "Database of deliveries.");
  registry.add_list("stores.shards", &s.shards, "Databases that share the rooms' messages.",
                    declare_shard);
  registry.require([&s]() -> std::optional<Registry::Blame> {
    if (s.shards.empty()) return Registry::Blame{"stores.shards", "needs one shard at least"};
    std::set<std::string> names;
    std::set<std::string> databases;
    for (std::size_t i = 0; i < s.shards.size(); ++i) {
      const std::string key = "stores.shards." + std::to_string(i);
      if (s.shards[i].name.empty()) return Registry::Blame{key + ".name", "is missing"};
      if (s.shards[i].database.dsn.empty()) return Registry::Blame{key + ".dsn", "is missing"};
      if (!names.insert(s.shards[i].name).second)
        return Registry::Blame{key + ".name", "stands twice"};
      if (!databases.insert(s.shards[i].database.dsn).second)
        return Registry::Blame{key + ".dsn", "is another shard's, too"};
    }
    return std::nullopt;
  });
}

void declare_redis(Registry& registry, RedisSettings& s) {
  const auto check = local_or(redis::parse_url);
  registry.add("redis.pubsub", &s.pubsub, "Live signals between nodes, and who is connected.",
               {.example = "redis://127.0.0.1:6379/0", .check = check});
  registry.add("redis.sessions", &s.sessions, "Tickets and other values that all nodes see.",
               {.example = "redis://127.0.0.1:6379/1", .check = check});
  registry.add("redis.limits", &s.limits, "Counts of the rate limits.",
               {.example = "redis://127.0.0.1:6379/2", .check = check});
  registry.add_secret("redis.password", &s.password, "File with the password of the servers.");
}

void declare_blobs(Registry& registry, BlobSettings& s) {
  registry.add("blobs", &s.url, "Blob store: archived messages.",
               {.example = "s3://respring?endpoint=http://127.0.0.1:8333", .check = check_blobs});
  registry.add("blobs_access_key", &s.access_key, "Name of the key to the bucket in blobs.");
  registry.add_secret("blobs_secret_key", &s.secret_key, "File with the secret of that key.");
  registry.require([&s]() -> std::optional<Registry::Blame> {
    if (!s.url.starts_with("s3:")) return std::nullopt;
    if (s.access_key.empty()) return Registry::Blame{"blobs_access_key", "is missing"};
    if (s.secret_key.reveal().empty())
      return Registry::Blame{"blobs_secret_key_file", "is missing"};
    return std::nullopt;
  });
}

void declare_cluster(Registry& registry, Settings& s) {
  const std::pair<const char*, std::string*> roles[] = {{"user", &s.peers.user},
                                                        {"room", &s.peers.room},
                                                        {"message", &s.peers.message},
                                                        {"search", &s.peers.search},
                                                        {"websocket", &s.peers.websocket}};
  for (const auto& [role, urls] : roles) {
    registry.add(
        std::string("peers.") + role, urls,
        std::string("Where processes of the ") + role + " role listen.",
        {.example = std::string("http://respring-") + role + ":8080", .check = check_peers});
  }
  registry.add_secret("cluster.key", &s.cluster.key,
                      "File with the key by which the processes of a platform know each other.");
  registry.add_secret("cluster.previous_key", &s.cluster.previous_key,
                      "File with the key before, while it is being replaced.");
}

void declare_auth(Registry& registry, AuthSettings& s) {
  registry.add("auth.single_session", &s.single_session,
               "A login ends the person's other sessions.", {.reloadable = true});
  registry.add("auth.session_days", &s.session_days, "Days after which a login expires.",
               {.reloadable = true, .min = 1, .max = 3650});
  registry.add("auth.password_pool_threads", &s.password_pool_threads,
               "Threads that hash passwords; each uses 19 MiB while it works.",
               {.min = 1, .max = 64});
  registry.add("auth.password_queue", &s.password_queue,
               "Logins that may wait for such a thread; more are answered 503.",
               {.min = 1, .max = 100'000});
}

void declare_limits(Registry& registry, LimitSettings& s) {
  registry.add("limits.sends_per_user", &s.sends_per_user,
               "Messages, edits and deletions of one person.", {.reloadable = true});
  registry.add("limits.requests_per_ip", &s.requests_per_ip, "HTTP requests from one address.",
               {.reloadable = true});
  registry.add("limits.logins_per_handle", &s.logins_per_handle,
               "Login attempts on one handle, known or not.", {.reloadable = true});
  registry.add("limits.registrations_per_ip", &s.registrations_per_ip,
               "New accounts from one address.", {.reloadable = true});
  registry.add("limits.connections_per_user", &s.connections_per_user, "WebSockets of one person.",
               {.reloadable = true, .min = 1, .max = 100'000});
  registry.add("limits.frames_per_connection", &s.frames_per_connection, "Frames of one WebSocket.",
               {.reloadable = true});
}

void declare_connections(Registry& registry, Settings& s) {
  registry.add("http.max_connections", &s.http.max_connections,
               "Open connections, WebSockets included; more are answered 503.",
               {.min = 1, .max = 10'000'000});
  registry.add("http.header_timeout", &s.http.header_timeout, "Time for a request's head.",
               {.min = 100, .max = 600'000});
  registry.add("http.body_timeout", &s.http.body_timeout, "Time for a request's body.",
               {.min = 100, .max = 3'600'000});
  registry.add("http.idle_timeout", &s.http.idle_timeout,
               "Time a connection stays without a request.", {.min = 1'000, .max = 3'600'000});
  registry.add("websocket.queue_bytes", &s.websocket.queue_bytes,
               "What may wait for a slow reader before events are left out (lag).",
               {.min = 64 * 1024, .max = 64 * 1024 * 1024});
  registry.add("websocket.heartbeat_seconds", &s.websocket.heartbeat_seconds,
               "Seconds between heartbeats.", {.min = 1, .max = 300});
}

}  // namespace

void declare(Registry& registry, Settings& s) {
  registry.add("listen", &s.listen, "Address of the public HTTP and WebSocket listener.");
  registry.add("admin_listen", &s.admin_listen,
               "Address of /livez, /readyz and /metrics; keep it private.");
  registry.add("data_dir", &s.data_dir, "Folder of everything embedded; one process at a time.");
  registry.add("public_url", &s.public_url,
               "Where people reach the service; in invitations and cookies.",
               {.example = "https://chat.example.org", .check = check_url});
  registry.add("allowed_origins", &s.allowed_origins, "Origins of web clients besides public_url.",
               {.reloadable = true, .example = "https://app.example.org", .check = check_origin});
  registry.add("trusted_proxies", &s.trusted_proxies, "Proxies whose X-Forwarded-For is believed.",
               {.reloadable = true, .example = "10.0.0.0/8", .check = check_network});
  registry.add("io_threads", &s.io_threads, "Event loops; 0 means one per core.",
               {.min = 0, .max = 1024});
  declare_stores(registry, s.stores);
  registry.add("bus", &s.bus, "Event log between roles.",
               {.example = "kafka://127.0.0.1:9092", .check = local_or(kafka::parse_url)});
  registry.add("bus_prefix", &s.bus_prefix,
               "Before the names of topics and groups, so that platforms can share a cluster.",
               {.example = "staging.", .check = check_prefix});
  declare_redis(registry, s.redis);
  registry.add("search", &s.search.url, "Search index.",
               {.example = "elasticsearch+http://127.0.0.1:9200",
                .check = local_or(elasticsearch::options_from)});
  registry.add_secret("search_password", &s.search.password,
                      "File with the password of the user in search.");
  registry.require([&s]() -> std::optional<Registry::Blame> {
    const auto options = elasticsearch::options_from(s.search.url);
    if (!options || !options.value().user.empty() || s.search.password.reveal().empty())
      return std::nullopt;
    return Registry::Blame{"search",
                           "names no user, and search_password_file holds the password "
                           "of one: elasticsearch+http://USER@host:port"};
  });
  declare_blobs(registry, s.blobs);
  declare_cluster(registry, s);
  declare_auth(registry, s.auth);
  declare_limits(registry, s.limits);
  declare_connections(registry, s);
  registry.add("log.level", &s.log.level, "Least level that is logged.",
               {.reloadable = true, .choices = {"trace", "debug", "info", "warn", "error", "off"}});
  registry.add("log.format", &s.log.format, "Form of a line; auto is pretty on a terminal.",
               {.reloadable = true, .choices = {"auto", "json", "pretty"}});
  registry.add("telemetry.otlp_endpoint", &s.telemetry.otlp_endpoint,
               "Collector of traces (OTLP/HTTP, JSON); empty: none are kept.",
               {.example = "http://127.0.0.1:4318/v1/traces", .check = check_collector});
  registry.add("telemetry.sample_one_in", &s.telemetry.sample_one_in,
               "One of so many traces that begin here is kept.", {.min = 1, .max = 1'000'000});
  registry.add("shutdown.drain_seconds", &s.drain_seconds,
               "Seconds that connections get to finish on SIGTERM.",
               {.reloadable = true, .min = 0, .max = 24});
}

Result<config::Loaded, config::Problems> load_settings(Settings& settings,
                                                       const config::Sources& sources) {
  Registry registry;
  declare(registry, settings);
  return config::load(registry, sources);
}

}  // namespace respring::cmd
