#include <cstdint>
#include <limits>
#include <thread>

#include "base/ids.h"
#include "sql_backends.h"

// What every driver of the sql port does.
namespace respring::sql {
namespace {

class SqlConnection : public ::testing::TestWithParam<DatabaseCase> {
 protected:
  std::unique_ptr<Connection> connect() {
    auto opened = database->connector()();
    EXPECT_TRUE(opened) << opened.assume_error().detail;
    return std::move(opened).assume_value();
  }
  void make_table(const std::string& columns) {
    const auto text = db->dialect().expand("CREATE TABLE t (" + columns + ")");
    const auto made = db->execute(text);
    ASSERT_TRUE(made) << made.assume_error().detail;
  }
  static std::int64_t number(Connection& connection, std::string_view text) {
    auto rows = connection.query(text).value();
    const auto found = rows.next();
    EXPECT_TRUE(found) << found.assume_error().detail;
    return rows.int64(0);
  }
  static std::string text_of(Connection& connection, std::string_view query) {
    auto rows = connection.query(query).value();
    EXPECT_TRUE(rows.next().value());
    return rows.text(0);
  }
  template <class T>
  static Errc code_of(const Result<T>& result) {
    EXPECT_FALSE(result) << "this was to fail";
    return result ? Errc::other : result.assume_error().code;
  }

  std::unique_ptr<Database> database = GetParam().make();
  std::unique_ptr<Connection> db = connect();
};

TEST_P(SqlConnection, ValuesOfAllTypesComeBackAsTheyWere) {
  make_table(
      "i BIGINT, r DOUBLE, s VARCHAR(100), b BINARY(16), n BIGINT, big LONGBLOB, tiny SMALLINT");
  const auto uuid = new_uuid();
  const std::string text("한글 👍\0끝 ", sizeof("한글 👍\0끝 ") - 1);
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const auto smallest = std::numeric_limits<std::int64_t>::min();
  ASSERT_EQ(db->run("INSERT INTO t VALUES (?,?,?,?,?,?,?)", smallest, 2.5, text, uuid, nullptr,
                    Blob{every_byte}, true)
                .value(),
            1);
  auto rows =
      db->query("SELECT i, r, s, b, n, big, tiny FROM t WHERE b=? AND s=?", uuid, text).value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.int64(0), smallest);
  EXPECT_EQ(rows.real(1), 2.5);
  EXPECT_EQ(rows.text(2), text);
  EXPECT_EQ(rows.uuid(3), uuid);
  EXPECT_TRUE(rows.is_null(4));
  EXPECT_EQ(rows.maybe_text(4), std::nullopt);
  EXPECT_EQ(rows.view(5), every_byte);
  EXPECT_EQ(rows.view(2), text);  // views of several columns live together
  EXPECT_EQ(rows.int64(6), 1);
  EXPECT_FALSE(rows.next().value());
}

TEST_P(SqlConnection, AnEmptyTextOrBlobIsNotNull) {
  make_table("s VARCHAR(10) NOT NULL, b LONGBLOB NOT NULL");
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (?,?)", std::string_view(), Blob{}));
  auto rows = db->query("SELECT s, b FROM t").value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_FALSE(rows.is_null(0));
  EXPECT_FALSE(rows.is_null(1));
  EXPECT_EQ(rows.view(1), "");
}

TEST_P(SqlConnection, AMegabyteComesBackWhole) {
  make_table("a BIGINT, b LONGBLOB");
  std::string big(1 << 20, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 + i / 256);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(db->run("INSERT INTO t VALUES (?,?)", i, Blob{big}));
    ASSERT_TRUE(db->run("INSERT INTO t VALUES (?,?)", i + 2, Blob{"small"}));
  }
  auto rows = db->query("SELECT b FROM t ORDER BY a").value();
  for (const auto& expected : {big, big, std::string("small"), std::string("small")}) {
    ASSERT_TRUE(rows.next().value());
    EXPECT_TRUE(rows.view(0) == expected);
  }
}

TEST_P(SqlConnection, TextIsComparedByteByByte) {
  make_table("s VARCHAR(20) NOT NULL PRIMARY KEY");
  for (const auto* text : {"a", "A", "a ", "á", "가", "각", "👍", "👎"})
    EXPECT_TRUE(db->run("INSERT INTO t VALUES (?)", std::string_view(text))) << text;
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM t WHERE s='a'"), 1);
  EXPECT_EQ(text_of(*db, "SELECT s FROM t ORDER BY s LIMIT 1"), "A");
  EXPECT_EQ(text_of(*db, "SELECT s FROM t ORDER BY s DESC LIMIT 1"), "👎");
}

TEST_P(SqlConnection, SumsAndCountsAreNumbers) {
  make_table("a BIGINT");
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(db->run("INSERT INTO t VALUES (?)", i));
  EXPECT_EQ(number(*db, "SELECT SUM(a) FROM t"), 10);
  EXPECT_EQ(number(*db, "SELECT SUM(CASE WHEN a>2 THEN 1 ELSE 0 END) FROM t"), 2);
  EXPECT_EQ(number(*db, "SELECT MAX(a) FROM t"), 4);
}

TEST_P(SqlConnection, ChangesCountTheRowsThatWereMet) {
  make_table("a BIGINT NOT NULL PRIMARY KEY, b BIGINT");
  ASSERT_EQ(db->run("INSERT INTO t VALUES (1, 5), (2, 5), (3, 6)").value(), 3);
  EXPECT_EQ(db->run("UPDATE t SET b=5 WHERE b=5").value(), 2);
  EXPECT_EQ(db->run("UPDATE t SET b=9 WHERE b=7").value(), 0);
  EXPECT_EQ(db->run("DELETE FROM t WHERE a>=?", 2).value(), 2);
}

TEST_P(SqlConnection, ATakenKeyIsToldKeptOrUpdated) {
  make_table("a BIGINT NOT NULL PRIMARY KEY, b BIGINT NOT NULL UNIQUE");
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1, 2)"));
  EXPECT_EQ(code_of(db->run("INSERT INTO t VALUES (1, 3)")), Errc::unique);
  EXPECT_EQ(code_of(db->run("INSERT INTO t VALUES (4, 2)")), Errc::unique);
  const auto keep = "INSERT INTO t (a, b) VALUES (?, ?)" + db->dialect().on_conflict_keep({"a"});
  EXPECT_EQ(db->run(keep, 1, 9).value(), 0);
  EXPECT_EQ(db->run(keep, 7, 7).value(), 1);
  EXPECT_EQ(code_of(db->run(keep, 8, 2)), Errc::unique);  // another key than the primary one
  const auto update =
      "INSERT INTO t (a, b) VALUES (1, 9)" + db->dialect().on_conflict_update({"a"}, {"b"});
  EXPECT_GE(db->run(update).value(), 1);
  EXPECT_EQ(number(*db, "SELECT b FROM t WHERE a=1"), 9);
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM t"), 2);
}

TEST_P(SqlConnection, ATransactionGoesOnAfterATakenKey) {
  make_table("a BIGINT NOT NULL PRIMARY KEY");
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1)"));
  auto transaction = Transaction::begin(*db, Begin::write).value();
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (2)"));
  EXPECT_EQ(code_of(db->run("INSERT INTO t VALUES (1)")), Errc::unique);
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (3)"));
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(number(*connect(), "SELECT COUNT(*) FROM t"), 3);
}

TEST_P(SqlConnection, AutomaticIdsAscend) {
  make_table("id {{auto_id}}, a BIGINT");
  std::int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(db->run("INSERT INTO t (a) VALUES (?)", i));
    EXPECT_GT(db->last_insert_id(), last);
    last = db->last_insert_id();
  }
  EXPECT_EQ(number(*db, "SELECT MAX(id) FROM t"), last);
}

TEST_P(SqlConnection, AnUncommittedTransactionLeavesNothing) {
  make_table("a BIGINT");
  {
    auto transaction = Transaction::begin(*db, Begin::write).value();
    ASSERT_TRUE(db->run("INSERT INTO t VALUES (1)"));
    EXPECT_FALSE(db->usable());  // nobody else may have it like this
  }
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM t"), 0);
  EXPECT_TRUE(db->usable());
}

TEST_P(SqlConnection, AReaderKeepsItsViewWhileAWriterCommits) {
  auto reader = connect();
  make_table("a BIGINT");
  auto view = Transaction::begin(*reader, Begin::read).value();
  EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM t"), 0);
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM t"), 0);
}

TEST_P(SqlConnection, AWriterSeesWhatOthersCommittedWhileItWaited) {
  make_table("a BIGINT NOT NULL PRIMARY KEY, b BIGINT");
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1, 0)"));
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([this] {
      auto own = connect();
      for (int k = 0; k < 20; ++k) {
        auto transaction = Transaction::begin(*own, Begin::write).value();
        const auto text = "SELECT b FROM t WHERE a=1" + std::string(own->dialect().for_update());
        const auto value = number(*own, text);
        ASSERT_TRUE(own->run("UPDATE t SET b=? WHERE a=1", value + 1));
        ASSERT_TRUE(transaction.commit());
      }
    });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(number(*db, "SELECT b FROM t"), 80);
}

TEST_P(SqlConnection, ALockThatIsNotGivenInTimeIsBusyAndLeavesNothing) {
  make_table("a BIGINT NOT NULL PRIMARY KEY, b BIGINT");
  ASSERT_TRUE(db->run("INSERT INTO t VALUES (1, 0)"));
  auto impatient = database->impatient_connector()().value();
  auto transaction = Transaction::begin(*db, Begin::write).value();
  ASSERT_TRUE(db->run("UPDATE t SET b=1 WHERE a=1"));
  const auto waited = [&]() -> Result<std::int64_t> {
    RESPRING_TRY(auto second, Transaction::begin(*impatient, Begin::write));
    return impatient->run("UPDATE t SET b=2 WHERE a=1");
  }();
  EXPECT_EQ(code_of(waited), Errc::busy);
  EXPECT_TRUE(impatient->usable());
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(impatient->run("UPDATE t SET b=3 WHERE b=1").value(), 1);
}

TEST_P(SqlConnection, AStatementIsNotUsedTwiceAtOnce) {
  auto first = db->query("SELECT 1");
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(db->query("SELECT 1")), Errc::other);
  { const auto done = std::move(first).assume_value(); }
  EXPECT_TRUE(db->query("SELECT 1"));
}

TEST_P(SqlConnection, AMistakeIsToldAndTheConnectionGoesOn) {
  make_table("a BIGINT NOT NULL, s VARCHAR(4)");
  EXPECT_EQ(code_of(db->query("SELECT nothing FROM nowhere")), Errc::other);
  EXPECT_EQ(code_of(db->execute("CREATE NONSENSE")), Errc::other);
  EXPECT_EQ(code_of(db->run("INSERT INTO t (a) VALUES (?)", nullptr)), Errc::other);
  EXPECT_EQ(code_of(db->run("INSERT INTO t (a) VALUES (?)", 1, 2)), Errc::other);
  EXPECT_TRUE(db->usable());
  EXPECT_TRUE(db->run("INSERT INTO t (a) VALUES (?)", 1));
}

TEST_P(SqlConnection, TablesAndTheirKeysAreSeen) {
  make_table("a BIGINT NOT NULL PRIMARY KEY, b BIGINT");
  EXPECT_TRUE(db->has_table("t").value());
  EXPECT_FALSE(db->has_table("u").value());
  const auto before = db->schema().value();
  ASSERT_EQ(before.size(), 1U);
  ASSERT_TRUE(db->execute("CREATE UNIQUE INDEX t_b ON t (b)"));
  const auto after = db->schema().value();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].name, "t");
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1].name, "t_b");
  ASSERT_TRUE(db->execute("ALTER TABLE t ADD COLUMN c BIGINT"));
  EXPECT_NE(db->schema().value()[0], before[0]);
}

TEST_P(SqlConnection, APoolGivesOutSoManyConnectionsAndNoMore) {
  Pool pool(database->connector(), 2);
  auto one = pool.acquire();
  auto two = pool.acquire();
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(code_of(pool.acquire(soon)), Errc::busy);
  { const auto given_back = std::move(one).assume_value(); }
  EXPECT_TRUE(pool.acquire());
}

TEST_P(SqlConnection, ManyThreadsShareAPool) {
  make_table("a BIGINT NOT NULL PRIMARY KEY");
  Pool pool(database->connector(), 3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) {
        auto lease = pool.acquire(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        ASSERT_TRUE(lease) << lease.assume_error().detail;
        ASSERT_TRUE(lease.assume_value()->run("INSERT INTO t VALUES (?)", i * 100 + k));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM t"), 80);
}

INSTANTIATE_TEST_SUITE_P(Drivers, SqlConnection, ::testing::ValuesIn(all_databases()),
                         name_of_case);

}  // namespace
}  // namespace respring::sql
