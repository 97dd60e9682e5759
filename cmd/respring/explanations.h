#pragma once

#include "base/error.h"
#include "respring/arguments.h"

namespace respring::cmd {

/// What an error code of the API means, and what to do.
struct ErrorMeaning {
  ErrorCode code;
  Phrase text;
  Phrase advice;
};
/// Every code, in the order of the API.
const std::vector<ErrorMeaning>& error_meanings();

struct ExitMeaning {
  Exit exit;
  Phrase text;
};
const std::vector<ExitMeaning>& exit_meanings();

}  // namespace respring::cmd
