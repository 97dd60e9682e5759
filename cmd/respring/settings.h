#pragma once

#include "base/secret.h"
#include "config/load.h"

namespace respring::cmd {

/// A database: `sqlite:FILE` or `mysql://user@host:port/database`, and the password if it has one.
struct DatabaseSettings {
  DatabaseSettings() = default;
  DatabaseSettings(std::string url) : dsn(std::move(url)) {}  // NOLINT: a file needs no more
  DatabaseSettings(const char* url) : dsn(url) {}             // NOLINT
  std::string dsn;
  Secret<std::string> password;
};

/// A database that holds rooms' messages.
struct ShardSettings {
  std::string name;
  DatabaseSettings database;
  std::string replica{};  ///< a DSN; same password
};

struct StoreSettings {
  DatabaseSettings meta{"sqlite:meta.db"};
  DatabaseSettings user{"sqlite:user.db"};
  DatabaseSettings room{"sqlite:room.db"};
  DatabaseSettings notification{"sqlite:notification.db"};
  std::vector<ShardSettings> shards = {{"shard-0", {"sqlite:shard-0.db"}},
                                       {"shard-1", {"sqlite:shard-1.db"}}};
};

/// `local` or `redis://[user@]host[:port][/db]`, by what is kept there.
struct RedisSettings {
  std::string pubsub = "local";
  std::string sessions = "local";
  std::string limits = "local";
  Secret<std::string> password;  ///< of all of them
};

struct SearchSettings {
  std::string url = "local";
  Secret<std::string> password;
};

/// `file:FOLDER`, or an S3 bucket and the keys to it.
struct BlobSettings {
  std::string url = "file:./blobs";
  std::string access_key;
  Secret<std::string> secret_key;
};

/// Where the processes of the other roles listen: `http://host:port`, several with commas.
struct PeerSettings {
  std::string user;
  std::string room;
  std::string message;
  std::string search;
  std::string websocket;
};

/// What processes of one platform know each other by.
struct ClusterSettings {
  Secret<std::string> key;
  Secret<std::string> previous_key;
};

struct AuthSettings {
  bool single_session = false;
  int session_days = 30;
  int password_pool_threads = 2;
  int password_queue = 256;
};

struct LimitSettings {
  config::Rate sends_per_user = config::Rate::per_second(20, 60);
  config::Rate requests_per_ip = config::Rate::per_second(100, 300);
  config::Rate logins_per_handle = config::Rate::per_minute(10);
  config::Rate registrations_per_ip = config::Rate::per_minute(20);
  config::Limit connections_per_user{20};
  config::Rate frames_per_connection = config::Rate::per_second(40, 120);
};

struct HttpSettings {
  int max_connections = 20'000;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{60'000};
};

struct WebsocketSettings {
  config::Bytes queue_bytes{256 * 1024};
  int heartbeat_seconds = 25;
};

struct LogSettings {
  std::string level = "info";
  std::string format = "auto";
};

struct TelemetrySettings {
  std::string otlp_endpoint;
  int sample_one_in = 1;
};

/// Every setting. Relative files of `stores` and `blobs` are below
/// data_dir.
struct Settings {
  config::Endpoint listen{"127.0.0.1", 8080};
  config::Endpoint admin_listen{"127.0.0.1", 9090};
  std::filesystem::path data_dir = "./respring-data";
  std::string public_url;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;
  int io_threads = 0;
  StoreSettings stores;
  std::string bus = "local";
  std::string bus_prefix;
  RedisSettings redis;
  SearchSettings search;
  BlobSettings blobs;
  PeerSettings peers;
  ClusterSettings cluster;
  AuthSettings auth;
  LimitSettings limits;
  HttpSettings http;
  WebsocketSettings websocket;
  LogSettings log;
  TelemetrySettings telemetry;
  int drain_seconds = 20;
};

/// Binds every setting; the defaults are the members' own.
void declare(config::Registry& registry, Settings& settings);

/// Loads file, environment and flags into `settings`.
Result<config::Loaded, config::Problems> load_settings(Settings& settings,
                                                       const config::Sources& sources);

}  // namespace respring::cmd
