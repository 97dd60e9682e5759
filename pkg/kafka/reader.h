#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "chat/ports/event_bus.h"
#include "kafka/options.h"

namespace respring::kafka {

/// Reads a topic from given places to given places, without a group: nobody's offsets change. One
/// thread; calls block.
class Reader {
 public:
  using Offsets = std::vector<std::int64_t>;  ///< one for each partition

  /// `not_found` with the sentence for the operator when there is no such topic.
  static Result<std::unique_ptr<Reader>> open(const Options& options, const std::string& topic);
  virtual ~Reader() = default;

  virtual int partitions() const = 0;
  virtual int partition_of(const std::string& key) const = 0;
  virtual Result<Offsets> oldest() = 0;  ///< that is kept
  virtual Result<Offsets> end() = 0;     ///< behind the newest
  /// The first record that is not older than that; the end where there is none.
  virtual Result<Offsets> since(Time time) = 0;
  /// What a group has committed; -1 where it has nothing.
  virtual Result<Offsets> committed(const std::string& group) = 0;
  /// Up to `most` of the records from `from` on and before `until`, in order per partition; moves
  /// `from` on. None only when all are read. `upstream_unavailable` when `patience` passes without
  /// one.
  virtual Result<std::vector<chat::BusRecord>> read(Offsets& from, const Offsets& until,
                                                    std::size_t most,
                                                    std::chrono::milliseconds patience) = 0;
};

}  // namespace respring::kafka
