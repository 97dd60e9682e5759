#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chat/ports/blob_store.h"
#include "elasticsearch/options.h"
#include "kafka/options.h"
#include "redis/link.h"
#include "respring/serve/data_dir.h"
#include "respring/settings.h"
#include "sql/connection.h"
#include "sql/pool.h"
#include "store/settle.h"

/// The databases and servers that the settings name, by their URLs.
namespace respring::cmd {

/// A file of the data directory, and not a server's database.
bool is_file(const DatabaseSettings& database);
/// For people: the file, or `mysql://user@host:port/database` without the password.
std::string place_of(const DataDir& dir, const DatabaseSettings& database);

/// How to open it; a file is made when it is missing.
sql::Connect connector_of(const DataDir& dir, const DatabaseSettings& database);
/// Opens a database that is there; makes nothing. `unavailable` when the file is missing or the
/// server cannot be reached.
sql::Result<std::unique_ptr<sql::Connection>> open_existing(const DataDir& dir,
                                                            const DatabaseSettings& database,
                                                            bool read_only);
/// For DDL, which may take as long as it takes; a file is made when it is missing.
sql::Result<std::unique_ptr<sql::Connection>> open_for_migrating(const DataDir& dir,
                                                                 const DatabaseSettings& database);
/// One sentence per difference between a database and what the migrations of `set` make of an empty
/// one on the same server.
sql::Result<std::vector<std::string>> schema_differences(const DataDir& dir,
                                                         const DatabaseSettings& database,
                                                         std::string_view set);
/// Runs all migrations of `set` in a new database of the same server, which is dropped again.
sql::Result<void> run_on_scratch(const DatabaseSettings& database, std::string_view set);
/// The meta database and every shard of the settings.
store::Fleet fleet_of(const DataDir& dir, const Settings& settings);
/// A database to use with the migrations of `set`: a file is brought up to date, a server's
/// database must be (`newer_schema`, `changed_schema`, or `other` with the command that does it).
sql::Result<sql::Connect> current(const DataDir& dir, const DatabaseSettings& database,
                                  std::string_view set);

/// Whether the event log is a cluster, and which.
inline bool has_cluster(const Settings& settings) { return settings.bus != "local"; }
Result<kafka::Options> cluster_of(const Settings& settings);
/// Whether the search index is on an engine, and on which.
inline bool has_engine(const Settings& settings) { return settings.search.url != "local"; }
Result<elasticsearch::Options> engine_of(const Settings& settings);
/// Whether the blobs are in a bucket, and not in a folder.
inline bool has_bucket(const Settings& settings) { return settings.blobs.url.starts_with("s3:"); }
/// For people: the folder, or the bucket's address.
std::string place_of_blobs(const DataDir& dir, const Settings& settings);
/// A folder is made when it is missing; a bucket is not asked yet.
Result<std::unique_ptr<chat::BlobStore>> open_blobs(const DataDir& dir, const Settings& settings);
/// How to connect to `url`, one of `settings`, for `use` (a word of metrics, health and logs). The
/// connection lives on `executor`: see redis::Options.
Result<redis::Options> redis_of(const RedisSettings& settings, std::string use,
                                const std::string& url, asio::any_io_executor executor);

}  // namespace respring::cmd
