#include "async/io_pool.h"
#include "async/pool.h"
#include "async/run.h"

#include <future>

#include <gtest/gtest.h>

namespace respring::async {
namespace {

TEST(BlockingPool, RunsWorkElsewhereAndComesBack) {
  IoPool io(1);
  io.start();
  BlockingPool pool({.name = "test", .threads = 2, .queue_limit = 4});
  auto body = [](BlockingPool& p) -> Task<Result<int>> {
    const auto before = std::this_thread::get_id();
    auto work = [before]() -> Result<int> {
      return before == std::this_thread::get_id() ? -1 : 42;
    };
    RESPRING_CO_TRY(const int got, co_await p.run(std::move(work)));
    co_return before == std::this_thread::get_id() ? got : -2;
  };
  EXPECT_EQ(block_on(io.at(0).get_executor(), body(pool)).value(), 42);
}

TEST(BlockingPool, RefusesWhenItsQueueIsFull) {
  BlockingPool pool({.name = "test", .threads = 1, .queue_limit = 1});
  std::promise<void> started;
  std::promise<void> release;
  ASSERT_TRUE(pool.try_post([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.try_post([] {}));
  EXPECT_FALSE(pool.try_post([] {}));
  release.set_value();
}

}  // namespace
}  // namespace respring::async
