#include "respring/site.h"

#include "respring/configuration.h"
#include "sqlite/connection.h"
#include "store/migrations.h"

namespace respring::cmd {
namespace {

Exit locked(Console& console, const std::filesystem::path& path) {
  return console.fail(Exit::refused, "data.locked",
                      "a server runs on " + path.string() + ", and this needs it alone",
                      "nothing was changed; stop the server first, or use its API");
}

Exit no_directory(Console& console, const std::filesystem::path& path) {
  return console.fail(Exit::failed, "data.missing", "there is no data directory " + path.string(),
                      "choose another with --set data_dir=DIR, or make it: respring migrate up");
}

bool has_directory(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

}  // namespace

Result<std::unique_ptr<Site>, Exit> open_site(Console& console, Access access) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  const std::filesystem::path path = settings.data_dir;
  if (access != Access::make && !has_directory(path)) return no_directory(console, path);
  const auto use = access == Access::beside ? DataDir::Use::look : DataDir::Use::serve;
  auto dir = DataDir::open(path, use);
  if (!dir && dir.error().code == ErrorCode::conflict) return locked(console, path);
  if (!dir) return console.fail(dir.error());
  return std::make_unique<Site>(Site{std::move(settings), std::move(dir).value()});
}

std::vector<Database> databases_of(const Settings& settings) {
  const StoreSettings& stores = settings.stores;
  std::vector<Database> all = {{"meta", stores.meta, "meta"},
                               {"user", stores.user, "user"},
                               {"room", stores.room, "room"},
                               {"notification", stores.notification, "notification", false},
                               {"bus", kBusDatabase, "bus", false},
                               {"search", kSearchDatabase, "search", false}};
  for (const ShardSettings& shard : stores.shards)
    all.push_back({shard.name, shard.database, "message"});
  return all;
}

Result<std::unique_ptr<sql::Connection>> open_current(const DataDir& dir, const Database& database,
                                                      bool read_only) {
  const auto refused = [&](const std::string& why) {
    return Error{ErrorCode::conflict, "the " + database.name + " database " + why, {}, {}};
  };
  auto opened = open_existing(dir, database.where, read_only);
  if (!opened) return internal(opened.error().detail);
  const auto status =
      store::migration_status(*opened.value(), store::built_in_migrations(database.set));
  if (!status) return refused("cannot be used: " + status.error().detail);
  if (!status.value().pending.empty()) {
    return refused("lacks migrations: respring migrate up brings it up to date");
  }
  return std::move(opened).value();
}

Exit fail_database(Console& console, std::string_view database, const sql::Failure& failure) {
  const std::string message = std::string(database) + ": " + failure.detail;
  switch (failure.code) {
    case sql::Errc::newer_schema:
    case sql::Errc::changed_schema:
      return console.fail(Exit::refused, "database.schema", message, "nothing was changed");
    case sql::Errc::unavailable:
      return console.fail(Exit::unreachable, "database.unavailable", message,
                          "look closer: respring doctor");
    case sql::Errc::busy:
      return console.fail(Exit::failed, "database.busy", message, "try again in a moment");
    default:
      return console.fail(Exit::failed, "database.failed", message, "look closer: respring doctor");
  }
}

}  // namespace respring::cmd
