#include "sqlite/failure.h"

#include <sqlite3.h>

namespace respring::sqlite {
namespace {

sql::Errc errc_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_UNIQUE:
      return sql::Errc::unique;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return sql::Errc::busy;
    case SQLITE_FULL:
      return sql::Errc::disk_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return sql::Errc::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return sql::Errc::corrupt;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return sql::Errc::unavailable;
    default:
      return sql::Errc::other;
  }
}

std::string sentence(sql::Errc code, const char* message) {
  switch (code) {
    case sql::Errc::disk_full:
      return "the disk is full; nothing was stored";
    case sql::Errc::read_only:
      return "the database or its folder cannot be written to";
    case sql::Errc::corrupt:
      return std::string("the file is damaged or no database: ") + message;
    case sql::Errc::busy:
      return "the database is locked by another writer";
    default:
      return message;
  }
}

}  // namespace

bool is_io_error(int extended_code) { return (extended_code & 0xff) == SQLITE_IOERR; }

sql::Failure failure_of(sqlite3* db, int code) {
  const char* message = db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  const auto errc = errc_of(code);
  return {errc, sentence(errc, message)};
}

}  // namespace respring::sqlite
