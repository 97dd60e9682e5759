#pragma once

#include <type_traits>
#include <utility>

#include "async/pool.h"
#include "sql/pool.h"

namespace respring::store {

/// Runs `work(connection)`, which answers a Result, on a thread of the pool inside one transaction;
/// a write transaction is committed if and only if the work succeeded.
template <class Work>
auto pooled(async::BlockingPool& pool, sql::Pool& connections, sql::Begin mode, Work work)
    -> Task<std::invoke_result_t<Work&, sql::Connection&>> {
  using R = std::invoke_result_t<Work&, sql::Connection&>;
  auto once = [&connections, mode, work = std::move(work)]() mutable -> R {
    RESPRING_TRY(const auto connection, connections.acquire());
    RESPRING_TRY(auto transaction, sql::Transaction::begin(*connection, mode));
    auto result = work(*connection);
    if (mode == sql::Begin::write && result) {
      RESPRING_TRYV(transaction.commit());
    }
    return result;
  };
  return pool.run(std::move(once));
}

}  // namespace respring::store
