#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace respring::elasticsearch {

struct Options {
  using Milliseconds = std::chrono::milliseconds;

  std::string host = "127.0.0.1";
  std::uint16_t port = 9200;
  std::string user{};  ///< empty: no login
  Secret<std::string> password{};
  /// The alias that is searched; its indices are `NAME-v1`, `NAME-v2`, …
  std::string name = "respring-messages";
  int shards = 1;  ///< of indices that are created
  /// Read and write this generation instead of the one that is served: to build a new one.
  std::optional<int> generation{};
  bool refresh = true;  ///< what write() wrote can be found when it returns
  std::size_t bulk_documents = 1'000;
  std::size_t bulk_bytes = 4 * 1024 * 1024;
  std::size_t connections = 16;
  Milliseconds search_timeout{3'000};
  Milliseconds wake_timeout{10'000};    ///< of the first search; a process that ends waits for it
  Milliseconds write_timeout{30'000};   ///< of one write() with all its repetitions
  Milliseconds admin_timeout{120'000};  ///< of clear() and changes of generations

  /// `elasticsearch+http://host:port/name`, for people: without user and password.
  std::string str() const;
};

/// Reads `elasticsearch+http://[user:password@]host[:port][/name]`, or `opensearch+http://…`, which
/// means the same: what answers is looked at. User and password percent-encoded, an IPv6 host in
/// brackets. The error says what is wrong and repeats nothing of the text.
Result<Options> options_from(std::string_view url);

}  // namespace respring::elasticsearch
