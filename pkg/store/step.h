#pragma once

#include <utility>
#include <variant>

#include "base/result.h"
#include "sql/error.h"

namespace respring::store {

/// Why a command of a batch did not happen: the rules refuse it (it alone; nothing was written for
/// it), or the database failed (the whole transaction is lost).
class Halt {
 public:
  Halt() : why_(Error{}) {}
  Halt(Error refusal) : why_(std::move(refusal)) {}         // NOLINT: implicit for RESPRING_TRY
  Halt(sql::Failure failure) : why_(std::move(failure)) {}  // NOLINT

  const sql::Failure* failure() const { return std::get_if<sql::Failure>(&why_); }
  Error error() const {
    const auto* broken = failure();
    return broken != nullptr ? Error(*broken) : std::get<Error>(why_);
  }

 private:
  std::variant<Error, sql::Failure> why_;
};

template <class T>
using Step = respring::Result<T, Halt>;

}  // namespace respring::store
