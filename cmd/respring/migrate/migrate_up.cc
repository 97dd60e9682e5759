#include "respring/migrate/migrate_up.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "respring/migrate/fleet_lease.h"

namespace respring::cmd {
namespace {

/// Why the pending migrations of a database must not be applied now; `ok`: they may.
Exit check_pending(Console& console, const Database& database, sql::Connection& connection,
                   const UpArguments& given) {
  const auto& set = store::built_in_migrations(database.set);
  const auto hindrances =
      store::contract_hindrances(connection, set, SystemClock().now() - store::kSchemaUserLives);
  if (!hindrances) return fail_database(console, database.name, hindrances.error());
  if (!hindrances.value().empty()) {
    return console.fail(
        Exit::refused, "migrate.contract", database.name + ": " + hindrances.value().front(),
        "nothing was changed; replace or stop the older programs, and wait a minute");
  }
  if (given.allow_copy) return Exit::ok;
  const auto copying = store::copying_statements(connection, set);
  if (!copying) return fail_database(console, database.name, copying.error());
  if (copying.value().empty()) return Exit::ok;
  const auto& first = copying.value().front();
  return console.fail(Exit::refused, "migrate.copies",
                      database.name + ": " + first.file + ", statement " +
                          std::to_string(first.number) + " may copy or lock a table in use",
                      "nothing was changed; when that is wanted: --allow-copy");
}

/// Every database that can be asked is looked at before the first is changed.
Exit check_all(Console& console, const Site& site, const std::vector<SchemaRow>& rows,
               const UpArguments& given) {
  for (const SchemaRow& row : rows) {
    if (row.state != "current" && row.state != "behind" && row.state != "missing") {
      return console.fail(Exit::refused, "migrate." + row.state, row.database.name + ": " + row.why,
                          "nothing was changed");
    }
    if (row.state != "behind") continue;
    const auto connection = open_existing(site.dir, row.database.where, true);
    if (!connection) return fail_database(console, row.database.name, connection.error());
    const Exit checked = check_pending(console, row.database, *connection.value(), given);
    if (checked != Exit::ok) return checked;
  }
  return Exit::ok;
}

sql::Result<void> migrate_one(const Site& site, const Database& database) {
  RESPRING_TRY(const auto connection, open_for_migrating(site.dir, database.where));
  RESPRING_TRYV(store::migrate(*connection, store::built_in_migrations(database.set)));
  return success();
}

/// The databases in their order, and how it went.
class Fleet {
 public:
  Fleet(Console& console, const Site& site, const UpArguments& given)
      : console_(console), site_(site), given_(given) {}

  Exit run() {
    FleetLease lease(site_);
    std::vector<Database> shards;
    for (const Database& database : databases_of(site_.settings)) {
      if (database.set == "message") {
        shards.push_back(database);
        continue;
      }
      if (!wave({database})) return Exit::partly;
      if (database.set != "meta") continue;
      const auto taken = lease.take();
      if (!taken) {
        return console_.fail(Exit::refused, "migrate.busy", taken.error().detail,
                             "only the meta database was brought up to date");
      }
    }
    const auto width = static_cast<std::size_t>(given_.parallel);
    for (std::size_t at = 0; at < shards.size();) {
      const std::size_t end = at == 0 ? 1 : std::min(at + width, shards.size());
      const bool good = wave({shards.begin() + static_cast<std::ptrdiff_t>(at),
                              shards.begin() + static_cast<std::ptrdiff_t>(end)});
      if (!good) return Exit::partly;
      at = end;
    }
    return failed_ ? Exit::partly : Exit::ok;
  }

 private:
  /// At the same time. False when nothing further may be begun.
  bool wave(const std::vector<Database>& databases) {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < databases.size(); ++i)
      threads.emplace_back([this, &databases, i] { one(databases[i]); });
    one(databases.front());
    for (auto& thread : threads) thread.join();
    const bool ends = databases.front().set == "meta" || !given_.keep_going;
    return !failed_ || !ends;
  }

  void one(const Database& database) {
    const auto migrated = migrate_one(site_, database);
    const std::lock_guard lock(mutex_);
    if (migrated) {
      ++done_;
      return;
    }
    failed_ = true;
    console_.fail(Exit::partly, "migrate.partly", database.name + ": " + migrated.error().detail,
                  std::to_string(done_) + " databases are current; run it again to go on");
  }

  Console& console_;
  const Site& site_;
  const UpArguments& given_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  bool failed_ = false;
};

}  // namespace

Exit migrate_up(Console& console, const Site& site, const std::vector<SchemaRow>& rows,
                const UpArguments& given) {
  const Exit checked = check_all(console, site, rows, given);
  return checked == Exit::ok ? Fleet(console, site, given).run() : checked;
}

}  // namespace respring::cmd
