#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "async/asio.h"
#include "async/task.h"

namespace respring::async {

/// Waits for a value that other code delivers by a callback. `start` is called at once with a
/// function `deliver(T)`, which may be copied, must be called exactly once, and may be called from
/// any thread; the coroutine goes on where it ran before.
template <class T, class Start>
Task<T> wait_for(Start start) {
  auto initiate = [start = std::move(start)](auto handler) mutable {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    start(std::function<void(T)>([held, executor, guard](T value) mutable {
      asio::post(executor,
                 [held, guard, value = std::move(value)]() mutable { (*held)(std::move(value)); });
    }));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
      std::move(initiate), asio::use_awaitable);
}

/// Lets that much time pass.
Task<void> sleep_for(std::chrono::steady_clock::duration time);

}  // namespace respring::async
