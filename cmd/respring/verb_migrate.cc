// `respring migrate …`: the schema of every database of the configuration.
#include <fstream>

#include "respring/account_command.h"
#include "respring/serve/platform.h"
#include "respring/site.h"
#include "respring/verbs.h"
#include "sqlite/connection.h"
#include "store/migrations.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

/// What is known of one database, as status, verify and up show it.
struct Row {
  Database database;
  std::string file;
  std::string state;  ///< `current`, `behind`, `missing`, `newer`, `changed`, `unreadable`
  std::string why;
  store::MigrationStatus status;
};

bool bad(const Row& row) {
  if (row.state == "current") return false;
  return row.state != "missing" || row.database.used;
}

std::string state_of(const sql::Failure& failure) {
  if (failure.code == sql::Errc::newer_schema) return "newer";
  if (failure.code == sql::Errc::changed_schema) return "changed";
  return "unreadable";
}

Row look_at(const DataDir& dir, const Database& database) {
  Row row{database, place_of(dir, database.where), "missing", {}, {}};
  const auto& set = store::built_in_migrations(database.set);
  row.status.latest = set.files.empty() ? 0 : set.files.back().version;
  std::error_code error;
  if (is_file(database.where) && !std::filesystem::exists(row.file, error)) return row;
  const auto connection = open_existing(dir, database.where, true);
  const auto status = connection ? store::migration_status(*connection.value(), set)
                                 : sql::Result<store::MigrationStatus>(connection.error());
  if (!status) {
    row.state = state_of(status.error());
    row.why = status.error().detail;
    return row;
  }
  row.status = status.value();
  row.state = row.status.pending.empty() ? "current" : "behind";
  return row;
}

json::Value json_of(const Row& row) {
  json::Array pending;
  for (const std::string& name : row.status.pending) pending.emplace_back(name);
  return json::Object{{"database", row.database.name}, {"file", row.file},
                      {"schema", row.database.set},    {"state", row.state},
                      {"applied", row.status.applied}, {"latest", row.status.latest},
                      {"partial", row.status.partial}, {"pending", std::move(pending)},
                      {"used", row.database.used},     {"why", row.why}};
}

std::string remark_of(const Row& row) {
  if (!row.why.empty()) return row.why;
  if (row.state == "missing" && !row.database.used) return "serve makes it";
  return row.status.partial ? "the next migration was begun" : "";
}

void print(Console& console, const std::vector<Row>& rows) {
  json::Array data;
  Table table{{"database", "schema", "state", "applied", ""}, {}};
  for (const Row& row : rows) {
    data.push_back(json_of(row));
    table.rows.push_back(
        {row.database.name, row.database.set, row.state,
         std::to_string(row.status.applied) + " of " + std::to_string(row.status.latest),
         remark_of(row)});
  }
  console.print(json::Object{{"databases", std::move(data)}}, table);
}

std::vector<Row> look_at_all(const Site& site) {
  std::vector<Row> rows;
  for (const Database& database : databases_of(site.settings))
    rows.push_back(look_at(site.dir, database));
  return rows;
}

Exit status(Console& console) {
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  const std::vector<Row> rows = look_at_all(*site);
  print(console, rows);
  const bool behind = std::ranges::any_of(rows, bad);
  if (behind) console.note("  next: respring migrate plan, then respring migrate up");
  return Exit::ok;
}

/// What would be run on a database, also on one that is not there yet.
sql::Result<std::vector<store::PlannedStatement>> plan_of(const Site& site,
                                                          const Database& database) {
  std::error_code error;
  const bool there = !is_file(database.where) ||
                     std::filesystem::exists(place_of(site.dir, database.where), error);
  auto connection =
      there ? open_existing(site.dir, database.where, true) : sqlite::open({.path = ":memory:"});
  if (!connection) return std::move(connection).error();
  return store::migration_plan(*connection.value(), store::built_in_migrations(database.set));
}

Exit plan_on(Console& console, const Site& site) {
  json::Array data;
  std::string human;
  std::size_t count = 0;
  for (const Database& database : databases_of(site.settings)) {
    const auto plan = plan_of(site, database);
    if (!plan) return fail_database(console, database.name, plan.error());
    json::Array statements;
    std::string file;
    for (const store::PlannedStatement& s : plan.value()) {
      statements.push_back(json::Object{{"file", s.file}, {"number", s.number}, {"sql", s.text}});
      if (s.file != file) human += "-- " + database.name + ": " + s.file + "\n";
      file = s.file;
      human += s.text + ";\n";
      ++count;
    }
    data.push_back(
        json::Object{{"database", database.name}, {"statements", std::move(statements)}});
  }
  if (count == 0) human = "nothing to do: every database is current\n";
  console.print(json::Object{{"databases", std::move(data)}}, human);
  if (count > 0) console.note("  next: respring migrate up");
  return Exit::ok;
}

Exit plan(Console& console) {
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  return plan_on(console, *site);
}

struct UpArguments {
  bool dry_run = false;
  bool keep_going = false;
  bool allow_copy = false;
};

/// Every database that can be asked is looked at before the first is changed.
Exit check_all(Console& console, const Site& site, const UpArguments& given) {
  for (const Row& row : look_at_all(site)) {
    if (row.state != "current" && row.state != "behind" && row.state != "missing") {
      return console.fail(Exit::refused, "migrate." + row.state, row.database.name + ": " + row.why,
                          "nothing was changed");
    }
    if (row.state != "behind" || given.allow_copy) continue;
    const auto connection = open_existing(site.dir, row.database.where, true);
    if (!connection) return fail_database(console, row.database.name, connection.error());
    const auto copying = store::copying_statements(*connection.value(),
                                                   store::built_in_migrations(row.database.set));
    if (!copying) return fail_database(console, row.database.name, copying.error());
    if (copying.value().empty()) continue;
    const auto& first = copying.value().front();
    return console.fail(Exit::refused, "migrate.copies",
                        row.database.name + ": " + first.file + ", statement " +
                            std::to_string(first.number) + " may copy or lock a table in use",
                        "nothing was changed; when that is wanted: --allow-copy");
  }
  return Exit::ok;
}

sql::Result<void> migrate_one(const Site& site, const Database& database) {
  RESPRING_TRY(const auto connection, open_for_migrating(site.dir, database.where));
  RESPRING_TRYV(store::migrate(*connection, store::built_in_migrations(database.set)));
  return success();
}

/// While it lives no slot moves, and no other migration of these databases runs.
class MigrateLease {
 public:
  explicit MigrateLease(const Site& site) : site_(site) {}
  ~MigrateLease() {
    if (connection_) static_cast<void>(store::release_migrate_lease(*connection_, holder_));
  }

  Result<void> take() {
    const Database meta{"meta", site_.settings.stores.meta, "meta"};
    auto opened = open_existing(site_.dir, meta.where, false);
    if (!opened) return internal("meta: " + opened.error().detail);
    const Time now = SystemClock().now();
    const auto taken =
        store::take_migrate_lease(*opened.value(), holder_, now, now + std::chrono::hours(1));
    if (!taken) return taken.error().error();
    connection_ = std::move(opened).value();
    return success();
  }

 private:
  const Site& site_;
  std::string holder_ = "migrate-" + random_token(6);
  std::unique_ptr<sql::Connection> connection_;
};

/// One after the other, the first shard before all others: what goes wrong there stops the rest.
Exit migrate_all(Console& console, const Site& site, const UpArguments& given) {
  MigrateLease lease(site);
  std::size_t done = 0;
  std::string failed;
  for (const Database& database : databases_of(site.settings)) {
    const auto migrated = migrate_one(site, database);
    if (!migrated) {
      console.fail(Exit::partly, "migrate.partly", database.name + ": " + migrated.error().detail,
                   std::to_string(done) + " databases are current; run it again to go on");
      if (!given.keep_going || database.set == "meta") return Exit::partly;
      failed = database.name;
      continue;
    }
    ++done;
    if (database.set != "meta") continue;
    const auto taken = lease.take();
    if (!taken) {
      return console.fail(Exit::refused, "migrate.busy", taken.error().detail,
                          "only the meta database was brought up to date");
    }
  }
  return failed.empty() ? Exit::ok : Exit::partly;
}

Exit up(Console& console, const UpArguments& given) {
  if (given.dry_run) return plan(console);
  RESPRING_TRY(const auto site, open_site(console, Access::make));
  const Exit checked = check_all(console, *site, given);
  if (checked != Exit::ok) return checked;
  const Exit migrated = migrate_all(console, *site, given);
  if (migrated != Exit::ok) return migrated;
  print(console, look_at_all(*site));
  console.note("  next: respring serve");
  return Exit::ok;
}

Exit verify(Console& console) {
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  json::Array data;
  Table table{{"database", "difference"}, {}};
  for (const Row& row : look_at_all(*site)) {
    std::vector<std::string> found;
    if (row.state == "current" || row.state == "behind") {
      const auto compared = schema_differences(site->dir, row.database.where, row.database.set);
      if (!compared) return fail_database(console, row.database.name, compared.error());
      found = compared.value();
    } else if (bad(row)) {
      found.push_back(row.state + (row.why.empty() ? "" : ": " + row.why));
    }
    json::Array sentences;
    for (const std::string& sentence : found) {
      sentences.emplace_back(sentence);
      table.rows.push_back({row.database.name, sentence});
    }
    data.push_back(json::Object{{"database", row.database.name},
                                {"state", row.state},
                                {"differences", std::move(sentences)}});
  }
  const bool agree = table.rows.empty();
  console.print(json::Object{{"agree", agree}, {"databases", std::move(data)}},
                agree ? "every database is as its migrations make it" : render_table(table));
  if (!agree) console.note("  next: respring migrate plan shows what up would do");
  return agree ? Exit::ok : Exit::findings;
}

struct NewArguments {
  std::string name;
  std::string database = "message";
  std::string folder = "migrations";
  bool dry_run = false;
};

bool is_name(const std::string& name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 60 && std::ranges::all_of(name, good);
}

Exit make_new(Console& console, const NewArguments& given) {
  if (!is_name(given.name)) {
    return console.fail(Exit::usage, "usage", "NAME is 1 to 60 of a-z, 0-9 and _");
  }
  const std::filesystem::path folder = std::filesystem::path(given.folder) / given.database;
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return console.fail(Exit::failed, "migrate.folder", "there is no folder " + folder.string(),
                        "this works on the sources; say where: --folder DIR");
  }
  const auto& set = store::built_in_migrations(given.database);
  const int version = (set.files.empty() ? 0 : set.files.back().version) + 1;
  std::string number = std::to_string(version);
  number.insert(0, 4 - std::min<std::size_t>(number.size(), 4), '0');
  const std::filesystem::path file = folder / (number + "_" + given.name + ".sql");
  for (const auto& other : std::filesystem::directory_iterator(folder, error)) {
    if (!other.path().filename().string().starts_with(number + "_")) continue;
    return console.fail(Exit::refused, "migrate.taken", other.path().string() + " has that number",
                        "build with it first, then ask again");
  }
  if (!given.dry_run) {
    std::ofstream out(file);
    out << "-- phase: expand\n-- Say why. Statements end with a semicolon.\n";
    if (!out.flush())
      return console.fail(Exit::failed, "migrate.write", "cannot write " + file.string());
  }
  console.print(json::Object{{"file", file.string()}, {"dry_run", given.dry_run}}, file.string());
  console.note("  next: write it, and list it in pkg/store/CMakeLists.txt");
  return Exit::ok;
}

void add_new(Arguments& args) {
  auto given = std::make_shared<NewArguments>();
  args.argument("NAME", &given->name, "what it does, e.g. message_language");
  args.choice("--database", &given->database,
              {"meta", "user", "room", "message", "notification", "bus", "search"},
              "whose schema (message: every shard)");
  args.option("--folder", &given->folder, "DIR", "the sources' migrations (./migrations)");
  args.flag("--dry-run", &given->dry_run, "only say the file's name");
  args.run([given](Console& console) { return make_new(console, *given); });
}

}  // namespace

void make_migrate(Arguments& args) {
  Arguments& applying = args.command(
      "up", {"bring every database up to date; no server may run", "스키마를 최신으로 올립니다"});
  auto given = std::make_shared<UpArguments>();
  applying.flag("--dry-run", &given->dry_run, "the same as migrate plan");
  applying.flag("--keep-going", &given->keep_going, "go on with other databases after a failure");
  applying.flag("--allow-copy", &given->allow_copy, "also DDL that may copy or lock a table");
  applying.run([given](Console& console) { return up(console, *given); });
  args.command("plan", {"the statements that up would run", "실행될 문장을 보여 줍니다"}).run(plan);
  args.command("status", {"each database and its version", "데이터베이스별 버전을 보여 줍니다"})
      .run(status);
  args.command("verify", {"compare every schema with its migrations",
                          "스키마가 마이그레이션과 같은지 확인합니다"})
      .run(verify);
  add_new(args.command("new", {"begin a migration in the sources", "새 마이그레이션을 만듭니다"}));
}

}  // namespace respring::cmd
