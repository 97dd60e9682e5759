#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chat/ports/event_bus.h"
#include "kafka/handle.h"

namespace respring::kafka {

/// One idempotent producer and the thread that brings its delivery reports. Safe from any thread.
class Producer final : private Hooks {
 public:
  static Result<std::shared_ptr<Producer>> open(const Options& options);
  ~Producer() override;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Blocks until each record is durable or given up. `partitions`: of the topic, given in full.
  Result<void> publish(const std::string& topic, int partitions,
                       const std::vector<chat::BusRecord>& records);
  /// Gives up what is under way; publish() returns. Idempotent.
  void stop();
  /// It will not publish any more: make a new one.
  bool dead() const { return dead_; }
  using Hooks::status;
  rd_kafka_t* client() const { return client_.get(); }

 private:
  struct Batch;

  explicit Producer(const Options& options) : options_(options) {}
  rd_kafka_resp_err_t enqueue(const std::string& topic, int partition,
                              const chat::BusRecord& record, Batch& batch);
  void on_delivery(const rd_kafka_message_t& message) override;
  void poll_loop();
  void look_whether_back();

  const Options options_;
  ClientPtr client_;
  std::mutex mutex_;
  std::condition_variable room_;  ///< in librdkafka's queue
  std::atomic<bool> stopping_{false};
  std::atomic<bool> dead_{false};
  std::atomic<int> publishing_{0};
  std::thread poller_;
};

}  // namespace respring::kafka
