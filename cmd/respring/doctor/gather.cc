#include "respring/doctor/gather.h"

#include <unistd.h>

#include "sqlite/check.h"
#include "store/migrations.h"

namespace respring::cmd {
namespace {

/// Bigger files are read to the end only when everything is to be.
constexpr std::int64_t kReadAtOnce = 512LL * 1024 * 1024;

std::string schema_state(const sql::Result<store::MigrationStatus>& status) {
  if (status) return status.value().pending.empty() ? "current" : "behind";
  if (status.error().code == sql::Errc::newer_schema) return "newer";
  return status.error().code == sql::Errc::changed_schema ? "changed" : "";
}

/// On a server a fresh schema is made beside the database to compare it with: only if all is to be
/// looked at.
void look_at_schema(const DataDir& dir, const Database& database, sql::Connection& connection,
                    bool full, doctor::DatabaseFacts& facts) {
  const auto status = store::migration_status(connection, store::built_in_migrations(database.set));
  facts.schema = schema_state(status);
  if (facts.schema.empty()) facts.error = status.error().detail;
  if (facts.schema != "current" || (facts.on_server && !full)) return;
  const auto differences = schema_differences(dir, database.where, database.set);
  if (differences) {
    facts.differences = differences.value();
  } else {
    facts.not_compared = differences.error().detail;
  }
}

/// Of a MySQL server; nothing when it does not say.
std::optional<std::int64_t> clock_of(sql::Connection& connection) {
  auto rows = connection.query("SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)");
  if (!rows) return std::nullopt;
  const auto found = rows.value().next();
  if (!found || !found.value()) return std::nullopt;
  return ahead_of_here(rows.value().int64(0));
}

/// A file that is written to ahead (WAL) needs its folder even from those who only read.
bool may_open(const std::filesystem::path& file) {
  return ::access(file.c_str(), R_OK) == 0 && ::access(file.parent_path().c_str(), W_OK) == 0;
}

doctor::DatabaseFacts look_at_database(const DataDir& dir, const Database& database, bool full) {
  doctor::DatabaseFacts facts;
  facts.name = database.name;
  facts.file = place_of(dir, database.where);
  facts.used = database.used;
  std::error_code error;
  const bool file = is_file(database.where);
  facts.on_server = !file;
  facts.exists = !file || std::filesystem::exists(facts.file, error);
  if (!facts.exists) return facts;
  if (file) facts.bytes = static_cast<std::int64_t>(std::filesystem::file_size(facts.file, error));
  const auto connection = open_existing(dir, database.where, true);
  if (!connection) {
    facts.error = connection.error().detail;
    facts.closed = file && !may_open(facts.file);
    return facts;
  }
  if (file && (full || facts.bytes <= kReadAtOnce)) {
    const auto damage = sqlite::quick_check(*connection.value());
    facts.checked = damage.has_value();
    if (damage) facts.damage = damage.value();
    if (!damage) facts.error = damage.error().detail;
  }
  if (!file) facts.clock_ms = clock_of(*connection.value());
  if (facts.error.empty() && !database.set.empty())
    look_at_schema(dir, database, *connection.value(), full, facts);
  return facts;
}

}  // namespace

std::vector<doctor::DatabaseFacts> look_at_databases(const Settings& settings, const DataDir& dir,
                                                     bool full) {
  std::vector<doctor::DatabaseFacts> all;
  for (const Database& database : databases_of(settings))
    all.push_back(look_at_database(dir, database, full));
  return all;
}

doctor::Facts gather_facts(const Settings& settings, bool full) {
  doctor::Facts facts;
  facts.machine = look_at_machine(settings);
  facts.config = look_at_config(settings);
  facts.directory = look_at_directory(settings.data_dir);
  if (!facts.directory.exists) return facts;
  auto dir = DataDir::open(settings.data_dir, DataDir::Use::look);
  if (!dir) {
    facts.blind.push_back(dir.error().detail);
    return facts;
  }
  look_at_servers(settings, facts);
  look_at_blobs(settings, dir.value(), facts);
  const Site site{settings, std::move(dir).value()};
  facts.databases = look_at_databases(settings, site.dir, full);
  look_at_stores(site, full, facts);
  return facts;
}

}  // namespace respring::cmd
