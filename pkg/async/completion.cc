#include "async/completion.h"

namespace respring::async {

Task<void> sleep_for(std::chrono::steady_clock::duration time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;  // only a cancelled timer fails, and nobody can reach this one
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace respring::async
