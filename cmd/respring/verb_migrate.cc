// `respring migrate …`: the schema of every database of the configuration.
#include <fstream>

#include "respring/account_command.h"
#include "respring/migrate/migrate_up.h"
#include "respring/serve/platform.h"
#include "respring/site.h"
#include "respring/verbs.h"
#include "sqlite/connection.h"
#include "store/migrations.h"

namespace respring::cmd {
namespace {

using Row = SchemaRow;

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

/// How a statement goes about it, as it says itself.
std::string manner_of(const std::string& statement) {
  for (const auto* word : {"INSTANT", "INPLACE", "COPY"}) {
    if (statement.find(std::string("ALGORITHM=") + word) != std::string::npos) return word;
  }
  return statement.starts_with("CREATE TABLE") ? "NEW" : "";
}

/// On a server the whole set is run in a scratch database beside it: what the server would refuse
/// is found there.
sql::Result<bool> rehearse(const Database& database) {
  if (is_file(database.where)) return false;
  RESPRING_TRYV(run_on_scratch(database.where, database.set));
  return true;
}

Exit plan_on(Console& console, const Site& site) {
  json::Array data;
  std::string human;
  std::size_t count = 0;
  for (const Database& database : databases_of(site.settings)) {
    const auto plan = plan_of(site, database);
    if (!plan) return fail_database(console, database.name, plan.error());
    const auto rehearsed = plan.value().empty() ? sql::Result<bool>(false) : rehearse(database);
    if (!rehearsed) {
      return console.fail(Exit::failed, "migrate.rehearsal",
                          database.name + ", in a scratch database: " + rehearsed.error().detail,
                          "nothing was changed");
    }
    json::Array statements;
    std::string file;
    for (const store::PlannedStatement& s : plan.value()) {
      statements.push_back(json::Object{{"file", s.file},
                                        {"number", s.number},
                                        {"algorithm", manner_of(s.text)},
                                        {"sql", s.text}});
      if (s.file != file) human += "-- " + database.name + ": " + s.file + "\n";
      file = s.file;
      human += s.text + ";\n";
      ++count;
    }
    data.push_back(json::Object{{"database", database.name},
                                {"rehearsed", rehearsed.value()},
                                {"statements", std::move(statements)}});
    if (rehearsed.value())
      console.note("  " + database.name + ": ran in a scratch database of its server");
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

Exit up(Console& console, const UpArguments& given) {
  if (given.dry_run) return plan(console);
  if (given.parallel < 1 || given.parallel > 64)
    return console.fail(Exit::usage, "usage", "--parallel is 1 to 64");
  RESPRING_TRY(const auto site, open_site(console, Access::make));
  const Exit migrated = migrate_up(console, *site, look_at_all(*site), given);
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
  applying.option("--parallel", &given->parallel, "N",
                  "shards at a time, behind the first one (4)");
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
