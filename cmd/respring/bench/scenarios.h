#pragma once

#include <cstdint>
#include <functional>

#include "respring/bench/load.h"
#include "respring/bench/report.h"

namespace respring::cmd {

struct BenchArguments {
  Target::Options target;
  std::int64_t connections = 0;  ///< 0: the scenario's own default
  std::int64_t people = 0;
  std::int64_t rooms = 50;  ///< mixed
  std::int64_t rate = 0;    ///< per second; 0: as fast as answers come
  std::int64_t in_flight = 64;
  std::int64_t seconds = 10;
  std::int64_t burst = 16;
  std::int64_t bytes = 100;  ///< of a message's text
  bool reference = false;    ///< fanout: the server is one of loadtest/reference
};

/// How its caller follows a load, once a second.
struct LoadHooks {
  std::function<bool()> stopping = [] { return false; };
  std::function<void(std::int64_t asked)> on_progress = [](std::int64_t) {};
};

/// Durable sends over WebSocket: acknowledged per second and how long an ack takes, counted from
/// when a message was due, not from when it could be sent.
Result<void> bench_send(Target& target, const BenchArguments& given, BenchReport& report);
/// Bursts into one room with many receivers.
Result<void> bench_fanout(Target& target, const BenchArguments& given, BenchReport& report);
/// Connections that do nothing: what each costs the server in memory.
Result<void> bench_idle(Target& target, const BenchArguments& given, BenchReport& report);
/// Pages of 50 messages over HTTP.
Result<void> bench_history(Target& target, const BenchArguments& given, BenchReport& report);
/// Sends, half as many reads and a tenth as many searches by HTTP, all at fixed rates, and
/// everybody listens by WebSocket: counted from when each was due.
Result<void> bench_mixed(Target& target, const BenchArguments& given, BenchReport& report);
/// One of loads(), or one of the same kind. What was begun is waited for also after an interrupt,
/// and told.
Result<void> bench_load(Target& target, const Load& load, const LoadHooks& hooks,
                        BenchReport& report);

}  // namespace respring::cmd
