#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/ports/event_bus.h"
#include "kafka/options.h"

namespace respring::kafka {

/// Reads a topic along, without a group: nobody's offsets change. One thread.
class Tail {
 public:
  enum class From { oldest, end };
  /// From the end: what is published after this returns.
  static Result<std::unique_ptr<Tail>> open(const Options& options, const std::string& topic,
                                            From from);
  virtual ~Tail() = default;
  /// Up to `max` records; waits at most `wait` for the first.
  virtual Result<std::vector<chat::BusRecord>> poll(std::size_t max,
                                                    std::chrono::milliseconds wait) = 0;
};

}  // namespace respring::kafka
