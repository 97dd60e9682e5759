#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <thread>

#include "contract/temporary_folder.h"
#include "sqlite/connection.h"

namespace respring::sqlite {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<sql::Connection> connect(Options options = {}) {
    options.path = path();
    auto opened = open(options);
    EXPECT_TRUE(opened) << opened.assume_error().detail;
    return std::move(opened).assume_value();
  }
  std::string path() const { return (folder.path() / "test.db").string(); }
  static std::int64_t number(sql::Connection& db, std::string_view text) {
    auto rows = db.query(text).value();
    EXPECT_TRUE(rows.next().value());
    return rows.int64(0);
  }

  testing::TemporaryFolder folder;
};

TEST_F(Sqlite, ValuesOfAllTypesComeBackAsTheyWere) {
  auto db = connect();
  ASSERT_TRUE(db->execute("CREATE TABLE t (i BIGINT, r DOUBLE, s TEXT, b BINARY(16), n TEXT)"));
  const auto uuid = new_uuid();
  const std::string text("한글\0끝", sizeof("한글\0끝") - 1);
  ASSERT_EQ(
      db->run("INSERT INTO t VALUES (?,?,?,?,?)", INT64_MIN, 2.5, text, uuid, nullptr).value(), 1);
  auto rows = db->query("SELECT * FROM t").value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.int64(0), INT64_MIN);
  EXPECT_EQ(rows.real(1), 2.5);
  EXPECT_EQ(rows.text(2), text);
  EXPECT_EQ(rows.uuid(3), uuid);
  EXPECT_TRUE(rows.is_null(4));
  EXPECT_EQ(rows.maybe_text(4), std::nullopt);
  EXPECT_FALSE(rows.next().value());
}

TEST_F(Sqlite, AnEmptyTextIsNotNull) {
  auto db = connect();
  ASSERT_TRUE(db->execute("CREATE TABLE t (s TEXT NOT NULL, b BLOB NOT NULL)"));
  EXPECT_TRUE(db->run("INSERT INTO t VALUES (?,?)", std::string_view(), sql::Blob{}));
}

TEST_F(Sqlite, CommitsAreDurableAndTheLogIsUsed) {
  auto db = connect();
  EXPECT_EQ(number(*db, "PRAGMA synchronous"), 2);  // FULL
  auto rows = db->query("PRAGMA journal_mode").value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.text(0), "wal");
  EXPECT_EQ(number(*db, "PRAGMA foreign_keys"), 1);
  EXPECT_EQ(number(*db, "PRAGMA secure_delete"), 1);
}

TEST_F(Sqlite, AnUncommittedTransactionLeavesNothing) {
  auto db = connect();
  ASSERT_TRUE(db->execute("CREATE TABLE t (a INTEGER)"));
  {
    auto transaction = sql::Transaction::begin(*db, sql::Begin::write).value();
    ASSERT_TRUE(db->run("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM t"), 0);
  EXPECT_TRUE(db->usable());
}

TEST_F(Sqlite, ATakenKeyIsTold) {
  auto db = connect();
  ASSERT_TRUE(
      db->execute("CREATE TABLE t (a INTEGER, b INTEGER UNIQUE, PRIMARY KEY (a)) WITHOUT ROWID"));
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1, 2)"));
  EXPECT_EQ(db->run("INSERT INTO t VALUES (1, 3)").assume_error().code, sql::Errc::unique);
  EXPECT_EQ(db->run("INSERT INTO t VALUES (4, 2)").assume_error().code, sql::Errc::unique);
  const auto keep = "INSERT INTO t VALUES (1, 9)" + db->dialect().on_conflict_keep({"a"});
  EXPECT_EQ(db->run(keep).value(), 0);
  const auto update =
      "INSERT INTO t (a, b) VALUES (1, 9)" + db->dialect().on_conflict_update({"a"}, {"b"});
  EXPECT_EQ(db->run(update).value(), 1);
  EXPECT_EQ(number(*db, "SELECT b FROM t"), 9);
}

TEST_F(Sqlite, AStatementIsNotUsedTwiceAtOnce) {
  auto db = connect();
  auto first = db->query("SELECT 1");
  ASSERT_TRUE(first);
  EXPECT_EQ(db->query("SELECT 1").assume_error().code, sql::Errc::other);
  { const auto done = std::move(first).assume_value(); }
  EXPECT_TRUE(db->query("SELECT 1"));
}

TEST_F(Sqlite, ASecondWriterWaitsAndThenHearsThatItIsBusy) {
  auto one = connect();
  auto two = connect({.path = path(), .busy_timeout = std::chrono::milliseconds(30)});
  ASSERT_TRUE(one->execute("CREATE TABLE t (a INTEGER)"));
  auto transaction = sql::Transaction::begin(*one, sql::Begin::write).value();
  EXPECT_EQ(sql::Transaction::begin(*two, sql::Begin::write).assume_error().code, sql::Errc::busy);
  EXPECT_TRUE(sql::Transaction::begin(*two, sql::Begin::read));
}

TEST_F(Sqlite, AReaderKeepsItsViewWhileAWriterCommits) {
  auto writer = connect();
  auto reader = connect();
  ASSERT_TRUE(writer->execute("CREATE TABLE t (a INTEGER)"));
  auto view = sql::Transaction::begin(*reader, sql::Begin::read).value();
  EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM t"), 0);
  ASSERT_TRUE(writer->run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM t"), 0);
}

TEST_F(Sqlite, AFullDatabaseIsADefiniteRefusal) {
  auto db = connect();
  ASSERT_TRUE(db->execute("CREATE TABLE t (a TEXT)"));
  ASSERT_TRUE(db->execute("PRAGMA max_page_count=4"));
  sql::Result<std::int64_t> last = 0;
  for (int i = 0; i < 100 && last; ++i)
    last = db->run("INSERT INTO t VALUES (?)", std::string(4000, 'x'));
  ASSERT_FALSE(last);
  EXPECT_EQ(last.assume_error().code, sql::Errc::disk_full);
  const Error seen = last.assume_error();
  EXPECT_EQ(seen.code, ErrorCode::overloaded);
  EXPECT_TRUE(db->usable());
}

TEST_F(Sqlite, AReadOnlyConnectionCannotWrite) {
  connect()->execute("CREATE TABLE t (a INTEGER)").value();
  auto db = connect({.path = path(), .read_only = true});
  EXPECT_EQ(db->run("INSERT INTO t VALUES (1)").assume_error().code, sql::Errc::read_only);
}

TEST_F(Sqlite, AFileThatIsNoDatabaseIsRefusedWithItsName) {
  std::ofstream(path()) << std::string(8192, 'x');
  const auto opened = open({.path = path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.assume_error().code, sql::Errc::corrupt);
  EXPECT_NE(opened.assume_error().detail.find(path()), std::string::npos);
}

TEST_F(Sqlite, AMissingFolderIsUnavailable) {
  const auto opened = open({.path = (folder.path() / "none" / "x.db").string()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.assume_error().code, sql::Errc::unavailable);
}

TEST_F(Sqlite, APoolGivesOutSoManyConnectionsAndNoMore) {
  sql::Pool pool(connector({.path = path()}), 2);
  auto one = pool.acquire();
  auto two = pool.acquire();
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(pool.acquire(soon).assume_error().code, sql::Errc::busy);
  { const auto given_back = std::move(one).assume_value(); }
  EXPECT_TRUE(pool.acquire());
}

TEST_F(Sqlite, APoolReplacesABrokenConnection) {
  sql::Pool pool(connector({.path = path()}), 1);
  {
    auto lease = pool.acquire().value();
    ASSERT_TRUE(lease->begin(sql::Begin::read));  // left open: not usable for the next one
  }
  auto next = pool.acquire();
  ASSERT_TRUE(next);
  EXPECT_TRUE(next.assume_value()->usable());
}

}  // namespace
}  // namespace respring::sqlite
