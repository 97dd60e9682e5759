#pragma once

#include <librdkafka/rdkafka.h>

#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "kafka/options.h"
#include "telemetry/health.h"

namespace respring::kafka {

template <auto destroy>
struct Destroyer {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <class T, auto destroy>
using Owned = std::unique_ptr<T, Destroyer<destroy>>;

using ClientPtr = Owned<rd_kafka_t, rd_kafka_destroy>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

/// What librdkafka calls back with. All of it comes while somebody polls.
class Hooks {
 public:
  virtual ~Hooks() = default;
  virtual void on_delivery(const rd_kafka_message_t&) {}
  virtual void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*) {}

  /// What the connection to the cluster is like. Any thread.
  health::Status status() const;
  void set_status(health::Status status);
  bool is_ok() const { return status().state == health::State::ok; }

 private:
  mutable std::mutex mutex_;
  health::Status status_;
};

using Properties = std::initializer_list<std::pair<const char*, std::string>>;

/// A client with the options' properties and these. `hooks` must outlive it. The error names a
/// property that is wrong, never its value.
Result<ClientPtr> open_client(rd_kafka_type_t type, const Options& options, Properties properties,
                              Hooks& hooks);

/// librdkafka's code as an error of ours. `doing` begins the sentence.
Error error_of(rd_kafka_resp_err_t code, const std::string& doing, const Options& options);
/// The sentence for a topic that is not there.
Error missing_topic(const std::string& topic, const Options& options);

inline std::string number(std::chrono::milliseconds time) { return std::to_string(time.count()); }
inline int ms_of(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace respring::kafka
