#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "respring/site.h"
#include "store/migrations.h"

namespace respring::cmd {

/// What is known of the schema of one database.
struct SchemaRow {
  Database database;
  std::string file;
  std::string state;  ///< `current`, `behind`, `missing`, `newer`, `changed`, `unreadable`
  std::string why;
  store::MigrationStatus status;
};

struct UpArguments {
  bool dry_run = false;
  bool keep_going = false;
  bool allow_copy = false;
  std::int64_t parallel = 4;  ///< shards at a time, behind the first one
};

/// Brings the databases up to date: everything is looked at before the first is changed, then meta,
/// the other single ones, one shard, and the other shards in waves. On a failure everything has
/// been said.
Exit migrate_up(Console& console, const Site& site, const std::vector<SchemaRow>& rows,
                const UpArguments& given);

}  // namespace respring::cmd
