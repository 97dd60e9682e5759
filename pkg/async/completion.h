#pragma once

#include <functional>
#include <memory>
#include <optional>
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
    auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
    using Waiter = std::pair<decltype(handler), decltype(guard)>;
    auto held = std::make_shared<std::optional<Waiter>>(std::in_place, std::move(handler),
                                                        std::move(guard));
    start(std::function<void(T)>([held](T value) {
      // Once the coroutine goes on, its loop may end while copies of this function live on in the
      // other thread: nothing of the loop stays in them.
      Waiter waiter = std::move(**held);
      held->reset();
      const auto executor = asio::get_associated_executor(waiter.first);
      asio::post(executor, [waiter = std::move(waiter), value = std::move(value)]() mutable {
        waiter.first(std::move(value));
      });
    }));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
      std::move(initiate), asio::use_awaitable);
}

/// Lets that much time pass.
Task<void> sleep_for(std::chrono::steady_clock::duration time);

}  // namespace respring::async
