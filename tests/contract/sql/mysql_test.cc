#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "contract/sql/mysql_databases.h"
#include "mysql/scratch.h"
#include "sql/pool.h"

// What only a server can do to us: lost connections, deadlocks, logins and certificates.
namespace respring::mysql {
namespace {

using testing::stack::Endpoints;
using testing::stack::SqlEndpoint;

struct ServerCase {
  const char* name;
  SqlEndpoint (*find)();
};

class MysqlServer : public ::testing::TestWithParam<ServerCase> {
 protected:
  std::unique_ptr<sql::Connection> connect() const { return connect(options); }
  static std::unique_ptr<sql::Connection> connect(const Options& to) {
    auto opened = open(to);
    EXPECT_TRUE(opened) << opened.assume_error().detail;
    return std::move(opened).assume_value();
  }
  static std::string refusal(const Options& to) {
    const auto opened = open(to);
    EXPECT_FALSE(opened) << "this was to be refused";
    if (opened) return "";
    EXPECT_EQ(opened.assume_error().code, sql::Errc::unavailable);
    const auto& detail = opened.assume_error().detail;
    EXPECT_EQ(detail.find(to.password.reveal()), std::string::npos) << "the password is told";
    return detail;
  }
  static std::int64_t number(sql::Connection& connection, std::string_view text) {
    auto rows = connection.query(text).value();
    EXPECT_TRUE(rows.next().value());
    return rows.int64(0);
  }
  static std::string status_of(sql::Connection& connection, std::string_view name) {
    auto rows = connection.query("SHOW SESSION STATUS LIKE '" + std::string(name) + "'").value();
    EXPECT_TRUE(rows.next().value());
    return rows.text(1);
  }
  void make_table() {
    ASSERT_TRUE(db->execute("CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BIGINT)"));
    ASSERT_TRUE(db->run("INSERT INTO t VALUES (1, 0), (2, 0)"));
  }

  testing::MysqlDatabases databases{GetParam().find()};
  Options options = databases.database("test");
  std::unique_ptr<sql::Connection> db = connect();
};

TEST_P(MysqlServer, TheSessionIsStrictUtcAndOfWholeUnicode) {
  EXPECT_EQ(number(*db, "SELECT @@session.sql_mode LIKE '%STRICT_ALL_TABLES%'"), 1);
  EXPECT_EQ(number(*db, "SELECT @@session.time_zone='+00:00'"), 1);
  EXPECT_EQ(number(*db, "SELECT @@character_set_client='utf8mb4'"), 1);
  EXPECT_EQ(number(*db, "SELECT @@character_set_results='utf8mb4'"), 1);
  make_table();
  const auto isolation = [this] {
    auto rows = db->query(
                      "SHOW VARIABLES WHERE Variable_name IN "
                      "('transaction_isolation','tx_isolation')")
                    .value();
    EXPECT_TRUE(rows.next().value());
    return rows.text(1);
  };
  {
    auto transaction = sql::Transaction::begin(*db, sql::Begin::write).value();
    EXPECT_EQ(isolation(), "READ-COMMITTED");
  }
  auto transaction = sql::Transaction::begin(*db, sql::Begin::read).value();
  EXPECT_EQ(isolation(), "REPEATABLE-READ");
  EXPECT_EQ(db->run("UPDATE t SET b=1").assume_error().code, sql::Errc::read_only);
}

TEST_P(MysqlServer, OneOfTwoThatWaitForEachOtherIsBusy) {
  make_table();
  std::latch both(2);
  std::atomic<int> busy{0}, done{0};
  const auto write = [&](int first, int second) {
    auto own = connect();
    auto transaction = sql::Transaction::begin(*own, sql::Begin::write).value();
    ASSERT_TRUE(own->run("UPDATE t SET b=b+1 WHERE a=?", first));
    both.arrive_and_wait();
    const auto result = own->run("UPDATE t SET b=b+1 WHERE a=?", second);
    if (result) {
      ASSERT_TRUE(transaction.commit());
      ++done;
    } else {
      EXPECT_EQ(result.assume_error().code, sql::Errc::busy);
      ++busy;
    }
  };
  std::thread one(write, 1, 2), two(write, 2, 1);
  one.join();
  two.join();
  EXPECT_EQ(busy, 1);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(number(*db, "SELECT SUM(b) FROM t"), 2);
}

TEST_P(MysqlServer, AConnectionThatWasLostSaysSoAndIsReplacedByThePool) {
  make_table();
  sql::Pool pool(connector(options), 1);
  {
    auto lease = pool.acquire().value();
    ASSERT_TRUE(db->end_session(lease->session()));
    const auto result = lease->run("UPDATE t SET b=1");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.assume_error().code, sql::Errc::unavailable);
    EXPECT_FALSE(lease->usable());
  }
  EXPECT_TRUE(pool.acquire().value()->run("UPDATE t SET b=1"));
}

TEST_P(MysqlServer, CheckNoticesAConnectionThatDiedUnseen) {
  auto other = connect();
  EXPECT_TRUE(other->check());
  ASSERT_TRUE(db->end_session(other->session()));
  EXPECT_FALSE(other->check());
  EXPECT_FALSE(other->usable());
  EXPECT_TRUE(db->end_session(other->session())) << "it has gone already";
}

TEST_P(MysqlServer, APoolDoesNotLendWhatDiedWhileItLay) {
  sql::Pool pool(connector(options), 2, std::chrono::milliseconds(0));
  const auto session = pool.acquire().value()->session();
  ASSERT_TRUE(db->end_session(session));
  auto lease = pool.acquire().value();
  EXPECT_NE(lease->session(), session);
  EXPECT_TRUE(lease->execute("DO 1"));
}

TEST_P(MysqlServer, ACommitWhoseConnectionWasLostIsOfUnknownOutcome) {
  make_table();
  auto writer = connect();
  auto transaction = sql::Transaction::begin(*writer, sql::Begin::write).value();
  ASSERT_TRUE(writer->run("UPDATE t SET b=7"));
  ASSERT_TRUE(db->end_session(writer->session()));
  const auto committed = transaction.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.assume_error().code, sql::Errc::commit_unknown);
  EXPECT_FALSE(writer->usable());
}

TEST_P(MysqlServer, EndingASessionGivesItsRowsBack) {
  make_table();
  auto writer = connect();
  auto transaction = sql::Transaction::begin(*writer, sql::Begin::write).value();
  ASSERT_TRUE(writer->run("UPDATE t SET b=7"));
  ASSERT_TRUE(db->end_session(writer->session()));
  EXPECT_EQ(db->run("UPDATE t SET b=b+1").value(), 2);
  EXPECT_EQ(number(*db, "SELECT SUM(b) FROM t"), 2);
}

TEST_P(MysqlServer, AnAnswerThatTakesTooLongEndsTheConnection) {
  auto impatient = options;
  impatient.answer_timeout = std::chrono::seconds(1);
  auto own = connect(impatient);
  const auto result = own->execute("DO SLEEP(5)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.assume_error().code, sql::Errc::unavailable);
  EXPECT_FALSE(own->usable());
  EXPECT_TRUE(db->end_session(own->session()));
}

TEST_P(MysqlServer, NotMoreStatementsAreKeptThanAllowed) {
  auto few = options;
  few.statement_limit = 8;
  auto own = connect(few);
  const auto kept = [&] {
    return std::stoll(status_of(*own, "Com_stmt_prepare")) -
           std::stoll(status_of(*own, "Com_stmt_close"));
  };
  auto open_one = own->query("SELECT 1000").value();  // in use: it stays
  for (int i = 0; i < 50; ++i) {
    auto rows = own->query("SELECT " + std::to_string(i)).value();
    ASSERT_TRUE(rows.next().value());
    EXPECT_EQ(rows.int64(0), i);
  }
  EXPECT_LE(kept(), 10);
  EXPECT_TRUE(open_one.next().value());
  EXPECT_EQ(open_one.int64(0), 1000);
  const auto before = std::stoll(status_of(*own, "Com_stmt_prepare"));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(own->query("SELECT 49"));
  EXPECT_EQ(std::stoll(status_of(*own, "Com_stmt_prepare")), before) << "it was there already";
}

TEST_P(MysqlServer, OneAtATimeHoldsALock) {
  using std::chrono::seconds;
  auto other = connect();
  ASSERT_TRUE(db->lock("migrate", seconds(1)));
  EXPECT_EQ(other->lock("migrate", seconds(0)).assume_error().code, sql::Errc::busy);
  EXPECT_TRUE(other->lock("something else", seconds(0)));
  db->unlock("migrate");
  EXPECT_TRUE(other->lock("migrate", seconds(1)));
  other.reset();
  EXPECT_TRUE(db->lock("migrate", seconds(5))) << "its holder is gone";
}

TEST_P(MysqlServer, DdlThatWasDoneAlreadyIsTold) {
  make_table();
  const auto code = [this](std::string_view text) { return db->execute(text).assume_error().code; };
  EXPECT_EQ(code("CREATE TABLE t (a BIGINT)"), sql::Errc::exists);
  EXPECT_EQ(code("ALTER TABLE t ADD COLUMN b BIGINT"), sql::Errc::exists);
  ASSERT_TRUE(db->execute("CREATE INDEX t_b ON t (b)"));
  EXPECT_EQ(code("CREATE INDEX t_b ON t (b)"), sql::Errc::exists);
  ASSERT_TRUE(db->execute("DROP INDEX t_b ON t"));
  EXPECT_EQ(code("DROP INDEX t_b ON t"), sql::Errc::exists);
  EXPECT_EQ(code("DROP TABLE u"), sql::Errc::exists);
}

TEST_P(MysqlServer, AScratchDatabaseIsEmptyAndGoesAway) {
  make_table();
  std::string name;
  {
    const auto scratch = Scratch::make(options).value();
    EXPECT_FALSE(scratch->connection().has_table("t").value());
    auto rows = scratch->connection().query("SELECT DATABASE()").value();
    ASSERT_TRUE(rows.next().value());
    name = rows.text(0);
  }
  EXPECT_NE(name, options.database);
  EXPECT_EQ(number(*db, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name='" +
                            name + "'"),
            0);
}

TEST_P(MysqlServer, AValueIsNotRepeatedByAnError) {
  ASSERT_TRUE(db->execute("CREATE TABLE s (s VARCHAR(20) CHARACTER SET ascii PRIMARY KEY)"));
  for (const auto* text : {"secret", "secret", "비밀"}) {
    const auto result = db->run("INSERT INTO s VALUES (?)", std::string_view(text));
    if (result) continue;
    EXPECT_EQ(result.assume_error().detail.find("secret"), std::string::npos);
    EXPECT_EQ(result.assume_error().detail.find("비"), std::string::npos);
    EXPECT_EQ(result.assume_error().detail.find("\\x"), std::string::npos);
  }
}

TEST_P(MysqlServer, AWrongLoginIsRefusedWithWhatRepairsIt) {
  auto to = options;
  to.password = Secret<std::string>("not-this-one");
  EXPECT_NE(refusal(to).find("password is wrong"), std::string::npos);
  to = options;
  to.database = "no_such_database";
  EXPECT_NE(refusal(to).find("CREATE DATABASE `no_such_database`"), std::string::npos);
  to = options;
  to.port = 1;
  EXPECT_NE(refusal(to).find("nobody answers"), std::string::npos);
  to = options;
  to.host = "nowhere.invalid";
  EXPECT_NE(refusal(to).find("host name is not known"), std::string::npos);
}

TEST_P(MysqlServer, AUserWithoutRightsIsToldWhichOnesHeNeeds) {
  const auto user = options.database.substr(0, 20);
  ASSERT_TRUE(db->execute("CREATE USER '" + user + "'@'%' IDENTIFIED BY 'x-only'"));
  auto to = options;
  to.user = user;
  to.password = Secret<std::string>("x-only");
  EXPECT_NE(refusal(to).find("GRANT ALL ON"), std::string::npos);
  EXPECT_TRUE(db->execute("DROP USER '" + user + "'@'%'"));
}

TEST_P(MysqlServer, TlsIsUsedAndTheCertificateChecked) {
  auto to = options;
  const auto cipher = [&] { return status_of(*connect(to), "Ssl_cipher"); };
  EXPECT_EQ(cipher(), "");
  to.tls = Tls::required;
  EXPECT_NE(cipher(), "");
  to.tls = Tls::verify_ca;
  to.ca = databases.server().ca;
  EXPECT_NE(cipher(), "");
  to.tls = Tls::verify_identity;
  EXPECT_NE(cipher(), "");
  to.ca = databases.server().other_ca;
  EXPECT_NE(refusal(to).find("TLS"), std::string::npos);
  to.tls = Tls::verify_ca;
  EXPECT_NE(refusal(to).find("TLS"), std::string::npos);
}

SqlEndpoint first_mysql() { return Endpoints().mysql().front(); }
SqlEndpoint mariadb() { return Endpoints().mariadb(); }

std::string name_of_server(const ::testing::TestParamInfo<ServerCase>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Servers, MysqlServer,
                         ::testing::Values(ServerCase{"mysql", first_mysql},
                                           ServerCase{"mariadb", mariadb}),
                         name_of_server);

}  // namespace
}  // namespace respring::mysql
