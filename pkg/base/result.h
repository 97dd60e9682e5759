#pragma once

#include <utility>

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>

#include "base/error.h"

namespace respring {

/// A value or the reason why there is none. Observing the wrong side ends the process, so look
/// first
/// (`if (!result)`) or use the macros below.
template <class T, class E = Error>
using Result = boost::outcome_v2::basic_result<T, E, boost::outcome_v2::policy::terminate>;

using boost::outcome_v2::success;

}  // namespace respring

// RESPRING_TRY(auto x, f()): x is f()'s value, or the enclosing function returns f()'s error.
// The CO_ forms are for coroutines (co_return); the V forms are for results without a value.
#define RESPRING_TRY_JOIN_(a, b) a##b
#define RESPRING_TRY_NAME_(line) RESPRING_TRY_JOIN_(respring_try_, line)
#define RESPRING_TRY_IMPL_(leave, tmp, decl, ...)     \
  auto&& tmp = (__VA_ARGS__);                         \
  if (!tmp.has_value()) leave std::move(tmp).error(); \
  decl = std::move(tmp).assume_value()
#define RESPRING_TRYV_IMPL_(leave, tmp, ...) \
  auto&& tmp = (__VA_ARGS__);                \
  if (!tmp.has_value()) leave std::move(tmp).error()

#define RESPRING_TRY(decl, ...) \
  RESPRING_TRY_IMPL_(return, RESPRING_TRY_NAME_(__LINE__), decl, __VA_ARGS__)
#define RESPRING_CO_TRY(decl, ...) \
  RESPRING_TRY_IMPL_(co_return, RESPRING_TRY_NAME_(__LINE__), decl, __VA_ARGS__)
#define RESPRING_TRYV(...) RESPRING_TRYV_IMPL_(return, RESPRING_TRY_NAME_(__LINE__), __VA_ARGS__)
#define RESPRING_CO_TRYV(...) \
  RESPRING_TRYV_IMPL_(co_return, RESPRING_TRY_NAME_(__LINE__), __VA_ARGS__)
