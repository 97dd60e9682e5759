#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "chat/ports/blob_store.h"

namespace respring::s3 {

struct Options {
  using Milliseconds = std::chrono::milliseconds;

  std::string bucket;
  std::string prefix{};    ///< before every key; ends with a slash unless empty
  std::string endpoint{};  ///< `http://host:port`; empty: Amazon's of the region
  std::string region = "us-east-1";
  std::string access_key{};
  Secret<std::string> secret_key{};
  std::size_t max_bytes = chat::kMaxBlobBytes;  ///< of one value
  Milliseconds connect_timeout{5'000};
  std::chrono::seconds stall_timeout{20};  ///< without a byte in either direction
  Milliseconds timeout{60'000};            ///< of one operation with all its repetitions
  int attempts = 4;
  Milliseconds first_backoff{100};  ///< doubles with each repetition; half of it is random

  /// Where the bucket is: below `http://host:port/bucket`, or `https://bucket.s3.…amazonaws.com`.
  std::string bucket_url() const;
};

/// Reads `s3://BUCKET[/PREFIX]?endpoint=URL&region=REGION`; both parameters may be left out. Keys
/// do not belong there. The error says what is wrong and repeats nothing of the text but the name
/// of an unknown parameter.
Result<Options> options_from(std::string_view url);

}  // namespace respring::s3
