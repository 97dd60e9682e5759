#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sql/error.h"
#include "store/archive_rows.h"

namespace respring::store {

/// What a command needs back in the tables before it can be carried out.
struct Archived {
  std::vector<SegmentRow> segments;
};

/// Why a command of a batch did not happen: the rules refuse it (it alone; nothing was written for
/// it), what it is about is archived (likewise), or the database failed (the whole transaction is
/// lost).
class Halt {
 public:
  Halt() : why_(Error{}) {}
  Halt(Error refusal) : why_(std::move(refusal)) {}         // NOLINT: implicit for RESPRING_TRY
  Halt(sql::Failure failure) : why_(std::move(failure)) {}  // NOLINT
  Halt(Archived archived) : why_(std::move(archived)) {}    // NOLINT

  const sql::Failure* failure() const { return std::get_if<sql::Failure>(&why_); }
  const Archived* archived() const { return std::get_if<Archived>(&why_); }
  Error error() const {
    if (const auto* broken = failure()) return *broken;
    if (archived() != nullptr) return overloaded("what this changes is archived");
    return std::get<Error>(why_);
  }

 private:
  std::variant<Error, sql::Failure, Archived> why_;
};

template <class T>
using Step = respring::Result<T, Halt>;

}  // namespace respring::store
