#include <algorithm>
#include <mutex>

#include "backends.h"
#include "contract/sql/mysql_databases.h"

namespace respring::store {
namespace {

using testing::stack::SqlEndpoint;

// Whether nobody has touched the slots: some are this shard's, the rest are not.
bool has_first_slots(sql::Connection& shard) {
  auto counted = shard.query(
      "SELECT SUM(epoch=1 AND gen=0 AND state='ACTIVE'), SUM(epoch=1 AND gen=0 AND state='NONE'), "
      "COUNT(*) FROM slot_owner");
  if (!counted) return false;
  auto& rows = counted.assume_value();
  const auto found = rows.next();
  if (!found || !found.assume_value()) return false;
  return rows.int64(0) > 0 && rows.int64(1) > 0 && rows.int64(0) + rows.int64(1) == 4096 &&
         rows.int64(2) == 4096;
}

bool empty_all_tables(sql::Connection& shard) {
  std::vector<std::string> tables;
  {
    auto rows = shard
                    .query(
                        "SELECT table_name FROM information_schema.tables WHERE "
                        "table_schema=DATABASE() AND table_name NOT IN ('schema_migration', "
                        "'slot_owner')")
                    .value();
    while (rows.next().value()) tables.push_back(rows.text(0));
  }
  return std::ranges::all_of(
      tables, [&](const auto& table) { return !!shard.execute("DELETE FROM " + table); });
}

/// A shard's tables take a second to make, and nearly every test needs two shards: so they are
/// emptied after a test and lent to the next one. Dropped at the end of the program.
class Shards final : public ::testing::Environment {
 public:
  struct Shard {
    std::unique_ptr<testing::MysqlDatabases> owner;
    mysql::Options options;
    std::string key;  // server and name
  };

  Shard lend(const SqlEndpoint& server, const std::string& name) {
    const auto key = std::to_string(server.port) + " " + name;
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(free_, key, &Shard::key);
    if (found != free_.end()) {
      auto shard = std::move(*found);
      free_.erase(found);
      return shard;
    }
    auto owner = std::make_unique<testing::MysqlDatabases>(server);
    auto options = owner->database(name);
    return {std::move(owner), std::move(options), key};
  }
  void give_back(Shard shard) {
    auto opened = mysql::open(shard.options);
    if (!opened || !has_first_slots(*opened.assume_value()) ||
        !empty_all_tables(*opened.assume_value()))
      return;  // dropped
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(shard));
  }
  void TearDown() override { free_.clear(); }

 private:
  std::mutex mutex_;
  std::vector<Shard> free_;
};

Shards& shards() {
  static auto* const kShards = new Shards;  // googletest owns it
  return *kShards;
}
[[maybe_unused]] const auto* const kRegistered = ::testing::AddGlobalTestEnvironment(&shards());

/// Databases on real servers.
class MysqlBackend final : public StoreBackend {
 public:
  explicit MysqlBackend(const SqlEndpoint& server) : server_(server), databases_(server) {}
  ~MysqlBackend() override {
    for (auto& [name, shard] : lent_) shards().give_back(std::move(shard));
  }
  sql::Connect database(const std::string& name) override {
    if (!name.starts_with("shard-")) return mysql::connector(databases_.database(name));
    auto found = std::ranges::find(lent_, name, [](const auto& entry) { return entry.first; });
    if (found == lent_.end()) found = lent_.insert(found, {name, shards().lend(server_, name)});
    return mysql::connector(found->second.options);
  }

 private:
  SqlEndpoint server_;
  testing::MysqlDatabases databases_;
  std::vector<std::pair<std::string, Shards::Shard>> lent_;
};

}  // namespace

std::vector<BackendCase> all_backends() {
  using testing::stack::Endpoints;
  return {
      {"mysql", [] { return std::make_unique<MysqlBackend>(Endpoints().mysql().front()); }},
      {"mariadb", [] { return std::make_unique<MysqlBackend>(Endpoints().mariadb()); }},
  };
}

}  // namespace respring::store
