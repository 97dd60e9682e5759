#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace respring::chat {

inline constexpr std::string_view kRoomEventsTopic = "respring.room-events.v1";
inline constexpr std::string_view kUserEventsTopic = "respring.user-events.v1";

/// A record's header with the traceparent of what caused the event (W3C Trace Context).
inline constexpr std::string_view kTraceHeader = "traceparent";

struct BusRecord {
  std::string key;    ///< chooses the partition; records of one key stay in order
  std::string value;  ///< an event's JSON
  std::vector<std::pair<std::string, std::string>> headers;
  std::string topic;        ///< set by poll
  int partition = 0;        ///< set by poll
  std::int64_t offset = 0;  ///< set by poll
};

/// The traceparent of a record; empty: it has none.
inline std::string_view trace_of(const BusRecord& record) {
  for (const auto& [name, value] : record.headers) {
    if (name == kTraceHeader) return value;
  }
  return {};
}

/// Reads a topic as one of a group: each partition goes to one member at a time. One thread uses
/// it.
class BusConsumer {
 public:
  virtual ~BusConsumer() = default;
  /// Up to `max` records behind the last poll's, in order per partition; waits at most `wait` for
  /// the first. After a restart it begins behind the committed position.
  virtual Result<std::vector<BusRecord>> poll(std::size_t max, std::chrono::milliseconds wait) = 0;
  /// Everything up to and including these records has had its effect.
  virtual Result<void> commit(const std::vector<BusRecord>& done) = 0;
};

/// The durable, partitioned event log between services. At least once. Calls block: use them from a
/// thread of their own. Safe from any thread.
class EventBus {
 public:
  virtual ~EventBus() = default;
  /// All of them are durable when this returns success; after an error some may be.
  virtual Result<void> publish(std::string_view topic, const std::vector<BusRecord>& records) = 0;
  virtual Result<std::unique_ptr<BusConsumer>> subscribe(std::string group, std::string topic) = 0;
  /// How many records the group has not committed yet.
  virtual Result<std::int64_t> lag(std::string_view group, std::string_view topic) = 0;
};

}  // namespace respring::chat
