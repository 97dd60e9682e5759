#pragma once

#include <chrono>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "net/http.h"
#include "telemetry/metrics.h"

namespace respring::net {

/// Rate, errors and duration of answered requests: a counter with the labels route, method and
/// status (`2xx`), a histogram with the label route. Safe from any thread.
class RequestFigures {
 public:
  /// Both of the table of metrics.
  RequestFigures(std::string_view count, std::string_view seconds)
      : count_(count), seconds_(seconds) {}

  /// `route` is a pattern, never a path: labels are bounded.
  void note(std::string_view route, Method method, int status,
            std::chrono::steady_clock::duration took);

 private:
  using Key = std::tuple<std::string, Method, int>;
  using KeyView = std::tuple<std::string_view, Method, int>;
  struct Handles {
    metrics::Counter count;
    metrics::Histogram seconds;
  };
  Handles find(const KeyView& key);

  const std::string_view count_;
  const std::string_view seconds_;
  std::shared_mutex mutex_;
  std::map<Key, Handles, std::less<>> handles_;  ///< looked up by text once
};

}  // namespace respring::net
