#pragma once

#include <memory>
#include <string>

#include "async/io_pool.h"
#include "contract/waiting.h"
#include "redis/client.h"
#include "stack/endpoints.h"

/// A real Redis for the adapters of pkg/redis.
namespace respring::testing {

/// A server of this program's own, so that keys and channels are nobody else's.
inline stack::PrivateServer& own_redis() {
  static stack::PrivateServer server("redis");
  return server;
}

/// Loops for connections. A loop must outlive the adapters on it.
inline async::IoPool& redis_loops() {
  static const auto pool = [] {
    auto made = std::make_unique<async::IoPool>(1);
    made->start();
    return made;
  }();
  return *pool;
}

inline redis::Options redis_options(const stack::PrivateServer& server, std::string use = "test") {
  redis::Options options;
  options.use = std::move(use);
  options.address = redis::parse_url(server.endpoints().redis_url()).value();
  options.executor = redis_loops().at(0).get_executor();
  options.command_timeout = std::chrono::seconds(10);  // of a busy machine
  options.connect_timeout = std::chrono::seconds(10);
  return options;
}

/// A client of an empty server.
inline std::shared_ptr<redis::Client> empty_redis() {
  auto client = std::make_shared<redis::Client>(redis_options(own_redis()));
  Waiting wait;
  std::vector<std::string> flush = {"FLUSHALL"};
  const auto done = wait(client->call(std::move(flush)));
  EXPECT_TRUE(done) << done.error().detail;
  return client;
}

}  // namespace respring::testing
