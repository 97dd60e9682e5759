#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace respring::sql {

/// What a database can answer besides success. Everything but `commit_unknown` means that the
/// current transaction has had no effect.
enum class Errc : std::uint8_t {
  unavailable,     ///< cannot be reached or opened
  busy,            ///< a lock was not given in time, a deadlock: try the transaction again
  unique,          ///< a key is there already
  exists,          ///< what DDL was to make is there, or what it was to drop is not
  commit_unknown,  ///< the connection or disk failed while committing: look before writing again
  disk_full,
  read_only,
  corrupt,         ///< the file is no database or is damaged
  newer_schema,    ///< the database was migrated by a newer program
  changed_schema,  ///< an applied migration is not the one this program carries
  other,           ///< a programming error or something unexpected
};

std::string_view name_of(Errc code);

/// A database failure as a value. `detail` is an English sentence without values from the rows.
struct Failure {
  Errc code = Errc::other;
  std::string detail;

  /// As callers of the API may see it: `internal` when the outcome is unknown or the database is
  /// broken, `overloaded` when nothing was stored and trying again makes sense.
  operator Error() const;  // NOLINT: implicit on purpose, so that RESPRING_TRY translates
};

template <class T>
using Result = respring::Result<T, Failure>;

}  // namespace respring::sql
