#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace respring::kafka {

/// How to reach a cluster.
struct Options {
  using Milliseconds = std::chrono::milliseconds;

  std::string brokers;  ///< host:port, several with commas
  std::string client_id = "respring";
  /// Before the names of topics and groups, so that several platforms can share a cluster. Nobody
  /// outside of this folder sees it.
  std::string prefix{};
  /// More of librdkafka's properties, such as security.protocol and sasl.password.
  std::vector<std::pair<std::string, Secret<std::string>>> properties{};
  /// Until a record is durable or given up.
  Milliseconds publish_timeout{30'000};
  Milliseconds request_timeout{5'000};   ///< of questions about topics, offsets and groups
  Milliseconds session_timeout{10'000};  ///< a silent member of a group is dead after that
  /// A member that asks for nothing for so long gives its partitions to the others.
  Milliseconds longest_pause{300'000};
  int max_queued_records = 100'000;
  int max_queued_kbytes = 64 * 1024;
};

/// Reads `kafka://host[:port][,host[:port]…]`; the port is 9092 if none is given.
Result<Options> parse_url(std::string_view url);

}  // namespace respring::kafka
