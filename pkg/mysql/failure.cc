#include "mysql/failure.h"

#include <string>

namespace respring::mysql {
namespace {

// Numbers of https://dev.mysql.com/doc/mysql-errors/8.0/en/ and of MariaDB, which shares them.
sql::Errc errc_of(int number) {
  switch (number) {
    case 1062:  // duplicate entry
    case 1169:
    case 1586:
      return sql::Errc::unique;
    case 1205:  // lock wait timeout
    case 1213:  // deadlock
    case 3572:  // NOWAIT
    case 1206:  // too many locks
    case 3024:  // execution time
    case 1969:  // the same, MariaDB
    case 3101:  // rolled back by the group at COMMIT
      return sql::Errc::busy;
    case 1021:  // disk full
    case 1114:  // the table or tablespace is full
    case 1041:
      return sql::Errc::disk_full;
    case 1290:  // --read-only
    case 1792:  // READ ONLY transaction
    case 1836:  // read only mode
    case 1142:  // this user may not
    case 1143:
    case 1227:
      return sql::Errc::read_only;
    case 1033:
    case 1034:
    case 1035:
    case 1194:  // crashed
    case 1195:
    case 1712:  // index corrupted
      return sql::Errc::corrupt;
    case 1050:  // table exists
    case 1051:  // unknown table
    case 1060:  // column exists
    case 1061:  // key exists
    case 1091:  // nothing to drop
      return sql::Errc::exists;
    case 1040:  // too many connections
    case 1044:  // access to the database denied
    case 1045:  // access denied
    case 1049:  // no such database
    case 1130:  // host not allowed
    case 1203:
    case 1226:
      return sql::Errc::unavailable;
    default:
      return is_lost(number) || (number >= 2000 && number < 3000) ? sql::Errc::unavailable
                                                                  : sql::Errc::other;
  }
}

// Their messages repeat a part of the value.
bool repeats_a_value(int number) {
  switch (number) {
    case 1292:  // incorrect value
    case 1366:
    case 1300:  // invalid character string
    case 1367:
    case 1411:
    case 1690:  // out of range
      return true;
    default:
      return false;
  }
}

std::string numbered(std::string_view sentence, int number) {
  return std::string(sentence) + " (error " + std::to_string(number) + ")";
}

}  // namespace

bool is_lost(int number) {
  switch (number) {
    case 1053:  // shutdown in progress
    case 1158:  // packets could not be read or written
    case 1159:
    case 1160:
    case 1161:
    case 1317:  // interrupted, by KILL
    case 1927:  // the connection was killed, MariaDB
    case 2006:  // gone away
    case 2013:  // lost during query
    case 2014:  // out of step
    case 2026:  // TLS
    case 2027:  // malformed packet
    case 2055:
    case 3169:  // the session was killed
    case 4031:  // idle for too long
      return true;
    default:
      return false;
  }
}

bool certainly_not_committed(int number) {
  switch (errc_of(number)) {
    case sql::Errc::busy:
    case sql::Errc::read_only:
      return true;
    default:
      return false;
  }
}

bool names_primary_key(std::string_view message) {
  return message.ends_with("PRIMARY'");  // for key 'PRIMARY', or since 8.0.19 'table.PRIMARY'
}

sql::Failure failure_of(int number, std::string_view message) {
  const auto code = errc_of(number);
  const bool disk = message.find("No space left") != std::string_view::npos ||
                    message.find("errno: 28") != std::string_view::npos ||
                    message.find("error 28 ") != std::string_view::npos;
  if (disk || code == sql::Errc::disk_full)
    return {sql::Errc::disk_full, "the database's disk is full; nothing was stored"};
  if (code == sql::Errc::unique) return {code, "a row with this key is there already"};
  if (code == sql::Errc::busy)
    return {code, numbered("another transaction holds the rows", number)};
  if (number == 1290 || number == 1836)
    return {code, numbered("the database server is read-only", number)};
  if (is_lost(number)) return {code, numbered("the connection to the database was lost", number)};
  if (repeats_a_value(number)) return {code, numbered("a value does not fit its column", number)};
  return {code, numbered(message, number)};
}

sql::Failure connect_failure(int number, std::string_view message, const Options& options) {
  const auto where = describe(options) + ": ";
  const auto of_database = "the database " + options.database;
  const auto repaired = [&](const std::string& sentence) {
    return sql::Failure{sql::Errc::unavailable, where + sentence};
  };
  switch (number) {
    case 1045:
      return repaired("the user or password is wrong; correct it in the database URL");
    case 1044:
      return repaired("the user may not use " + of_database + "; GRANT ALL ON `" +
                      options.database + "`.* TO '" + options.user + "'");
    case 1049:
      return repaired(of_database + " does not exist; CREATE DATABASE `" + options.database + "`");
    case 1040:
    case 1203:
    case 1226:
      return repaired(
          "the server has too many connections; raise its max_connections or lower "
          "our pools");
    case 1130:
      return repaired(
          "the server accepts no connections from this machine; allow its address in "
          "the user's account");
    case 2005:
      return repaired("the host name is not known; correct it in the database URL");
    case 2026:
      return repaired(
          "TLS could not be agreed upon; the server has no TLS, or its certificate is "
          "not of the CA or host given in the database URL");
    case 2002:
    case 2003:
    case 2006:
    case 2013:
      return repaired(
          "nobody answers; start the server, or correct host and port in the database "
          "URL");
    default:
      return repaired(numbered(message, number));
  }
}

}  // namespace respring::mysql
