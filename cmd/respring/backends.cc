#include "respring/backends.h"

#include <map>

#include "local/blob_store.h"
#include "mysql/connection.h"
#include "mysql/dsn.h"
#include "mysql/scratch.h"
#include "respring/measured_blobs.h"
#include "s3/blob_store.h"
#include "sqlite/connection.h"
#include "store/migrations.h"

namespace respring::cmd {
namespace {

/// Whatever was checked when the settings were loaded.
mysql::Options server_of(const DatabaseSettings& database) {
  auto parsed = mysql::parse_dsn(database.dsn);
  mysql::Options options = parsed ? std::move(parsed).value() : mysql::Options{};
  if (!database.password.reveal().empty()) options.password = database.password;
  return options;
}

}  // namespace

bool is_file(const DatabaseSettings& database) { return !database.dsn.starts_with("mysql:"); }

std::string place_of(const DataDir& dir, const DatabaseSettings& database) {
  if (is_file(database)) return dir.file_of(database.dsn).string();
  return mysql::describe(server_of(database));
}

sql::Connect connector_of(const DataDir& dir, const DatabaseSettings& database) {
  if (!is_file(database)) return mysql::connector(server_of(database));
  sqlite::Options options;
  options.path = dir.file_of(database.dsn).string();
  return sqlite::connector(std::move(options));
}

sql::Result<std::unique_ptr<sql::Connection>> open_existing(const DataDir& dir,
                                                            const DatabaseSettings& database,
                                                            bool read_only) {
  if (!is_file(database)) {
    mysql::Options options = server_of(database);
    // A command goes from shard to shard: the last may be asked for the first time after hours. Who
    // only reads holds no rows that others wait for.
    if (read_only) options.idle_timeout = std::chrono::hours(24);
    return mysql::open(options);
  }
  sqlite::Options options;
  options.path = dir.file_of(database.dsn).string();
  options.create = false;
  options.read_only = read_only;
  std::error_code error;
  if (!std::filesystem::exists(options.path, error)) {
    return sql::Failure{sql::Errc::unavailable, options.path + " is not there"};
  }
  return sqlite::open(options);
}

sql::Result<std::unique_ptr<sql::Connection>> open_for_migrating(const DataDir& dir,
                                                                 const DatabaseSettings& database) {
  if (is_file(database)) return connector_of(dir, database)();
  mysql::Options options = server_of(database);
  options.answer_timeout = std::chrono::hours(48);
  return mysql::open(options);
}

sql::Result<std::vector<std::string>> schema_differences(const DataDir& dir,
                                                         const DatabaseSettings& database,
                                                         std::string_view set) {
  const auto& migrations = store::built_in_migrations(set);
  RESPRING_TRY(const auto connection, open_existing(dir, database, true));
  if (is_file(database)) {
    RESPRING_TRY(const auto scratch, sqlite::open({.path = ":memory:"}));
    return store::verify_schema(*connection, *scratch, migrations);
  }
  RESPRING_TRY(const auto scratch, mysql::Scratch::make(server_of(database)));
  return store::verify_schema(*connection, scratch->connection(), migrations);
}

sql::Result<void> run_on_scratch(const DatabaseSettings& database, std::string_view set) {
  RESPRING_TRY(const auto scratch, mysql::Scratch::make(server_of(database)));
  RESPRING_TRYV(store::migrate(scratch->connection(), store::built_in_migrations(set)));
  return success();
}

store::Fleet fleet_of(const DataDir& dir, const Settings& settings) {
  std::map<std::string, sql::Connect, std::less<>> shards;
  for (const ShardSettings& shard : settings.stores.shards)
    shards.emplace(shard.name, connector_of(dir, shard.database));
  std::map<std::string, sql::Connect, std::less<>> replicas;
  for (const ShardSettings& shard : settings.stores.shards) {
    if (shard.replica.empty()) continue;
    DatabaseSettings replica(shard.replica);
    replica.password = shard.database.password;
    replicas.emplace(shard.name, connector_of(dir, replica));
  }
  store::Fleet fleet{connector_of(dir, settings.stores.meta), {}, {}};
  fleet.replica = [replicas = std::move(replicas)](
                      const std::string& name) -> sql::Result<std::unique_ptr<sql::Connection>> {
    const auto found = replicas.find(name);
    if (found != replicas.end()) return found->second();
    return std::unique_ptr<sql::Connection>();
  };
  fleet.shard = [shards = std::move(shards)](
                    const std::string& name) -> sql::Result<std::unique_ptr<sql::Connection>> {
    const auto found = shards.find(name);
    if (found != shards.end()) return found->second();
    return sql::Failure{sql::Errc::unavailable, name + " is not among stores.shards"};
  };
  return fleet;
}

sql::Result<sql::Connect> current(const DataDir& dir, const DatabaseSettings& database,
                                  std::string_view set) {
  auto connect = connector_of(dir, database);
  RESPRING_TRY(const auto connection, connect());
  const auto& migrations = store::built_in_migrations(set);
  if (is_file(database)) {
    RESPRING_TRYV(store::migrate(*connection, migrations));
    return connect;
  }
  RESPRING_TRY(const auto status, store::migration_status(*connection, migrations));
  if (!status.pending.empty()) {
    return sql::Failure{sql::Errc::changed_schema,
                        place_of(dir, database) + " lacks the migration " + status.pending.front() +
                            "; run: respring migrate up"};
  }
  return connect;
}

Result<kafka::Options> cluster_of(const Settings& settings) {
  RESPRING_TRY(auto options, kafka::parse_url(settings.bus));
  options.prefix = settings.bus_prefix;
  return options;
}

Result<elasticsearch::Options> engine_of(const Settings& settings) {
  RESPRING_TRY(auto options, elasticsearch::options_from(settings.search.url));
  if (!settings.search.password.reveal().empty()) options.password = settings.search.password;
  return options;
}

std::string place_of_blobs(const DataDir& dir, const Settings& settings) {
  if (!has_bucket(settings)) return dir.file_of(settings.blobs.url).lexically_normal().string();
  const auto options = s3::options_from(settings.blobs.url);
  return options ? options.value().bucket_url() : "";
}

Result<std::unique_ptr<chat::BlobStore>> open_blobs(const DataDir& dir, const Settings& settings) {
  if (!has_bucket(settings)) {
    RESPRING_TRY(auto folder, local::open_blob_store({.folder = dir.file_of(settings.blobs.url)}));
    return measured(std::move(folder));
  }
  RESPRING_TRY(auto options, s3::options_from(settings.blobs.url));
  options.access_key = settings.blobs.access_key;
  options.secret_key = settings.blobs.secret_key;
  return measured(s3::make_blob_store(std::move(options)));
}

Result<redis::Options> redis_of(const RedisSettings& settings, std::string use,
                                const std::string& url, asio::any_io_executor executor) {
  redis::Options options;
  RESPRING_TRY(options.address, redis::parse_url(url));
  if (!settings.password.reveal().empty()) options.address.password = settings.password;
  options.use = std::move(use);
  options.executor = std::move(executor);
  return options;
}

}  // namespace respring::cmd
