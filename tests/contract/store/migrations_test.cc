#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "backends.h"
#include "store/migrations.h"

// Bringing a database up to date, and refusing what must not be touched.
namespace respring::store {
namespace {

class Migrations : public ::testing::TestWithParam<BackendCase> {
 protected:
  static MigrationSet set_of(std::vector<std::string> texts) {
    MigrationSet set{"test", {}};
    int version = 0;
    for (auto& text : texts) {
      ++version;
      set.files.push_back({version, "000" + std::to_string(version), std::move(text)});
    }
    return set;
  }
  static constexpr const char* kFirst =
      "-- a note; with a semicolon\nCREATE TABLE one (a INTEGER);\nCREATE TABLE two (a INTEGER);";
  static constexpr const char* kSecond = "ALTER TABLE one ADD COLUMN b INTEGER;";

  std::unique_ptr<StoreBackend> backend = GetParam().make();
  std::unique_ptr<sql::Connection> db = backend->database("test")().value();
};

TEST_P(Migrations, EveryDatabaseOfThisProgramIsMadeFromNothingAndVerifies) {
  for (const auto* name : {"meta", "user", "room", "message", "notification"}) {
    const auto& set = built_in_migrations(name);
    ASSERT_FALSE(set.files.empty()) << name;
    auto fresh = backend->database(name)().value();
    EXPECT_EQ(migration_status(*fresh, set).value().applied, 0);
    const auto status = migrate(*fresh, set);
    ASSERT_TRUE(status) << name << ": " << status.assume_error().detail;
    EXPECT_EQ(status.assume_value().applied, status.assume_value().latest);
    auto scratch = backend->database(std::string(name) + "-scratch")().value();
    EXPECT_TRUE(verify_schema(*fresh, *scratch, set).value().empty()) << name;
  }
  EXPECT_TRUE(built_in_migrations("nonsense").files.empty());
}

TEST_P(Migrations, ASecondRunDoesNothingAndALaterOneOnlyWhatIsMissing) {
  ASSERT_TRUE(migrate(*db, set_of({kFirst})));
  EXPECT_TRUE(migration_plan(*db, set_of({kFirst})).value().empty());
  const auto later = set_of({kFirst, kSecond});
  const auto status = migration_status(*db, later).value();
  EXPECT_EQ(status.applied, 1);
  EXPECT_EQ(status.latest, 2);
  EXPECT_EQ(status.pending, (std::vector<std::string>{"0002"}));
  const auto plan = migration_plan(*db, later).value();
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].text, "ALTER TABLE one ADD COLUMN b INTEGER");
  ASSERT_TRUE(migrate(*db, later));
  ASSERT_TRUE(migrate(*db, later));
  EXPECT_TRUE(db->execute("INSERT INTO one (a, b) VALUES (1, 2)"));
}

TEST_P(Migrations, ABrokenStatementSaysWhereAndTheRepairedFileGoesOn) {
  const auto broken = set_of({kFirst, "CREATE TABLE three (a INTEGER); CREATE NONSENSE;"});
  const auto failed = migrate(*db, broken);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.assume_error().detail.find("0002, statement 2"), std::string::npos);
  EXPECT_EQ(migration_status(*db, broken).value().applied, 1);
  EXPECT_TRUE(migrate(*db, set_of({kFirst, "CREATE TABLE three (a INTEGER);"})));
}

TEST_P(Migrations, ACrashBetweenAStatementAndItsRecordIsResumed) {
  if (db->dialect().transactional_ddl()) return;  // both are one transaction there
  const auto set = set_of({kFirst, kSecond});
  ASSERT_TRUE(migrate(*db, set));
  // The statement was done, its record was not written any more.
  ASSERT_TRUE(db->execute("UPDATE schema_migration SET state='intent' WHERE version=2"));
  EXPECT_EQ(migration_status(*db, set).value().applied, 1);
  ASSERT_TRUE(migrate(*db, set));
  EXPECT_EQ(migration_status(*db, set).value().applied, 2);
  // The intent was recorded, the statement was not done.
  ASSERT_TRUE(db->execute("UPDATE schema_migration SET state='intent' WHERE version=2"));
  ASSERT_TRUE(db->execute("ALTER TABLE one DROP COLUMN b"));
  ASSERT_TRUE(migrate(*db, set));
  EXPECT_TRUE(db->execute("INSERT INTO one (a, b) VALUES (1, 2)"));
}

TEST_P(Migrations, WhatSomebodyElseMadeIsNotTakenForOurs) {
  if (db->dialect().transactional_ddl()) return;  // nothing is resumed there
  ASSERT_TRUE(db->execute("CREATE TABLE two (something_else INTEGER)"));
  const auto failed = migrate(*db, set_of({kFirst}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.assume_error().code, sql::Errc::exists);
  ASSERT_TRUE(db->execute("DROP TABLE two"));
  EXPECT_TRUE(migrate(*db, set_of({kFirst})));
}

TEST_P(Migrations, RowsOfAMigrationComeWithItsRecord) {
  const auto set =
      set_of({kFirst, "INSERT INTO one (a) VALUES (1); INSERT INTO one (a) VALUES (2);"});
  ASSERT_TRUE(migrate(*db, set));
  ASSERT_TRUE(migrate(*db, set));
  auto rows = db->query("SELECT COUNT(*) FROM one").value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.int64(0), 2);
}

TEST_P(Migrations, SeveralProcessesAtOnceApplyItOnce) {
  std::vector<std::thread> processes;
  for (int i = 0; i < 4; ++i)
    processes.emplace_back([connect = backend->database("test")] {
      auto own = connect().value();
      const auto status = migrate(*own, built_in_migrations("user"));
      EXPECT_TRUE(status) << status.assume_error().detail;
    });
  for (auto& process : processes) process.join();
  EXPECT_TRUE(migration_plan(*db, built_in_migrations("user")).value().empty());
}

TEST_P(Migrations, AChangedAppliedFileIsRefused) {
  ASSERT_TRUE(migrate(*db, set_of({kFirst})));
  const auto changed = migrate(*db, set_of({"CREATE TABLE one (a BIGINT);"}));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.assume_error().code, sql::Errc::changed_schema);
  // Comments may be improved.
  EXPECT_TRUE(migrate(*db, set_of({std::string("-- better\n") + kFirst})));
}

TEST_P(Migrations, ADatabaseOfANewerProgramIsRefused) {
  ASSERT_TRUE(migrate(*db, set_of({kFirst, kSecond})));
  for (const auto& result :
       {migrate(*db, set_of({kFirst})), migration_status(*db, set_of({kFirst}))}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.assume_error().code, sql::Errc::newer_schema);
    EXPECT_NE(result.assume_error().detail.find("migration 2"), std::string::npos);
  }
}

TEST_P(Migrations, DriftIsNamed) {
  const auto set = set_of({kFirst});
  ASSERT_TRUE(migrate(*db, set));
  ASSERT_TRUE(db->execute("DROP TABLE two"));
  ASSERT_TRUE(db->execute("CREATE TABLE extra (a INTEGER)"));
  ASSERT_TRUE(db->execute("ALTER TABLE one ADD COLUMN c INTEGER"));
  auto scratch = backend->database("scratch")().value();
  const auto drift = verify_schema(*db, *scratch, set).value();
  EXPECT_EQ(drift, (std::vector<std::string>{"one differs from the migrations", "two is missing",
                                             "extra is not of the migrations"}));
}

TEST_P(Migrations, WhatOlderProgramsUseIsNotTakenAwayWhileOneIsAlive) {
  constexpr const char* kContract = "-- phase: contract\n-- Nobody uses it.\nDROP TABLE two;";
  const auto older = set_of({kFirst});
  const auto newer = set_of({kFirst, kSecond, kContract});
  const Time now{std::chrono::hours(1)};
  ASSERT_TRUE(migrate(*db, older));
  EXPECT_TRUE(contract_hindrances(*db, newer, now).value().empty()) << "nobody uses it";
  ASSERT_TRUE(note_schema_user(*db, older, "old-node", now));
  ASSERT_TRUE(note_schema_user(*db, newer, "new-node", now));
  const auto hindrances = contract_hindrances(*db, newer, now).value();
  ASSERT_EQ(hindrances.size(), 1U);
  EXPECT_NE(hindrances[0].find("0003"), std::string::npos) << hindrances[0];
  EXPECT_NE(hindrances[0].find("old-node is one and alive"), std::string::npos) << hindrances[0];
  EXPECT_TRUE(contract_hindrances(*db, set_of({kFirst, kSecond}), now).value().empty())
      << "it only adds something";
  EXPECT_TRUE(contract_hindrances(*db, newer, now + std::chrono::seconds(1)).value().empty())
      << "it was seen before that";
  ASSERT_TRUE(note_schema_user(*db, newer, "old-node", now));
  EXPECT_TRUE(contract_hindrances(*db, newer, now).value().empty()) << "it was replaced";
  ASSERT_TRUE(note_schema_user(*db, older, "old-node", now));
  ASSERT_TRUE(forget_schema_user(*db, "old-node"));
  EXPECT_TRUE(contract_hindrances(*db, newer, now).value().empty()) << "it has gone";
}

INSTANTIATE_TEST_SUITE_P(Adapters, Migrations, ::testing::ValuesIn(all_backends()), name_of_case);

TEST(SplitStatements, KeepsQuotedTextAndDropsComments) {
  EXPECT_EQ(split_statements("INSERT INTO t VALUES ('a;--b''c') ; -- x; y\n\n SELECT 1;;"),
            (std::vector<std::string>{"INSERT INTO t VALUES ('a;--b''c')", "SELECT 1"}));
}

}  // namespace
}  // namespace respring::store
