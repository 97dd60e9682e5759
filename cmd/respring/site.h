#pragma once

#include <memory>
#include <string>
#include <vector>

#include "respring/backends.h"
#include "respring/console.h"
#include "respring/serve/data_dir.h"
#include "respring/settings.h"
#include "sql/connection.h"

namespace respring::cmd {

/// How an operator's command may use the data directory.
enum class Access : std::uint8_t {
  beside,  ///< while a server runs on it, too: reads, and writes that no log depends on
  alone,   ///< with the directory's lock, so that no server runs meanwhile
  make,    ///< the same, and makes the directory where there is none
};

/// The configuration and its data directory.
struct Site {
  Settings settings;
  DataDir dir;
};

/// On failure everything has been said and the exit code is the error: 78 for the configuration, 4
/// while a server holds the lock, 2 when there is no such directory.
Result<std::unique_ptr<Site>, Exit> open_site(Console& console, Access access);

/// One database of the configuration.
struct Database {
  std::string name;  ///< `user`, `room`, …; of a shard its own name
  DatabaseSettings where;
  std::string set;   ///< whose migrations it has
  bool used = true;  ///< else it may be missing: serve makes it
};
std::vector<Database> databases_of(const Settings& settings);

/// Opens a database that is there, and its schema is the one this program knows: else `conflict`
/// and how to repair it.
Result<std::unique_ptr<sql::Connection>> open_current(const DataDir& dir, const Database& database,
                                                      bool read_only);

/// A database's failure as an exit code and a sentence.
Exit fail_database(Console& console, std::string_view database, const sql::Failure& failure);

}  // namespace respring::cmd
