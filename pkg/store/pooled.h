#pragma once

#include <type_traits>
#include <utility>

#include "async/pool.h"
#include "sql/pool.h"

namespace respring::store {

/// Runs `work(connection)`, which answers a Result, on a thread of the pool inside one transaction;
/// a write transaction is committed if and only if the work succeeded. Where several write at the
/// same time, one that met another's lock is tried again, so that `work` may run more than once.
template <class Work>
auto pooled(async::BlockingPool& pool, sql::Pool& connections, sql::Begin mode, Work work)
    -> Task<std::invoke_result_t<Work&, sql::Connection&>> {
  using R = std::invoke_result_t<Work&, sql::Connection&>;
  auto once = [mode](sql::Connection& connection, Work& what) -> R {
    RESPRING_TRY(auto transaction, sql::Transaction::begin(connection, mode));
    auto result = what(connection);
    if (mode == sql::Begin::write && result) {
      RESPRING_TRYV(transaction.commit());
    }
    return result;
  };
  auto a_few_times = [&connections, mode, once, work = std::move(work)]() mutable -> R {
    constexpr int kAttempts = 3;
    for (int attempt = 1; true; ++attempt) {
      RESPRING_TRY(const auto connection, connections.acquire());
      auto result = once(*connection, work);
      const bool may_repeat =
          attempt < kAttempts && mode == sql::Begin::write && connection->dialect().writers() > 1;
      if (result || !may_repeat || result.assume_error().code != ErrorCode::overloaded)
        return result;
    }
  };
  return pool.run(std::move(a_few_times));
}

}  // namespace respring::store
