#include "kafka/event_bus.h"

#include <map>
#include <mutex>

#include "kafka/cluster.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "telemetry/log.h"

namespace respring::kafka {
namespace {

class KafkaEventBus final : public EventBus {
 public:
  KafkaEventBus(Options options, std::shared_ptr<Producer> producer)
      : options_(std::move(options)), producer_(std::move(producer)) {}
  ~KafkaEventBus() override { stop(); }
  KafkaEventBus(const KafkaEventBus&) = delete;
  KafkaEventBus& operator=(const KafkaEventBus&) = delete;

  Result<void> publish(std::string_view topic,
                       const std::vector<chat::BusRecord>& records) override {
    if (records.empty()) return success();
    RESPRING_TRY(const auto producer, living_producer());
    RESPRING_TRY(const int partitions, partitions_of(*producer, std::string(topic)));
    return producer->publish(options_.prefix + std::string(topic), partitions, records);
  }

  Result<std::unique_ptr<chat::BusConsumer>> subscribe(std::string group,
                                                       std::string topic) override {
    RESPRING_TRY(const auto producer, living_producer());
    RESPRING_TRYV(partitions_of(*producer, topic));
    RESPRING_TRY(auto consumer, Consumer::open(options_, group, topic));
    return std::unique_ptr<chat::BusConsumer>(std::move(consumer));
  }

  Result<std::int64_t> lag(std::string_view group, std::string_view topic) override {
    RESPRING_TRY(const auto producer, living_producer());
    const std::string name(topic);
    RESPRING_TRY(const int partitions, partitions_of(*producer, name));
    rd_kafka_t* client = producer->client();
    RESPRING_TRY(const auto ends, offsets_at(client, name, partitions, Edge::end, options_));
    RESPRING_TRY(const auto oldest, offsets_at(client, name, partitions, Edge::oldest, options_));
    RESPRING_TRY(const auto committed,
                 committed_by(std::string(group), name, partitions, options_));
    std::int64_t total = 0;
    for (std::size_t i = 0; i < ends.size(); ++i)
      total += ends[i] - std::min(ends[i], std::max(committed[i], oldest[i]));
    return total;
  }

  void stop() override {
    std::shared_ptr<Producer> producer;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      producer = producer_;
    }
    producer->stop();
  }

  health::Status status() const override {
    const std::lock_guard lock(mutex_);
    return producer_->status();
  }

 private:
  /// A producer whose order is in doubt refuses everything from then on. What it had under way has
  /// failed; a new one begins.
  Result<std::shared_ptr<Producer>> living_producer() {
    const std::lock_guard lock(mutex_);
    if (stopped_) return overloaded("the event bus is stopping");
    if (producer_->dead()) {
      log::warn("kafka.producer_renewed", {{"brokers", options_.brokers}});
      RESPRING_TRY(producer_, Producer::open(options_));
    }
    return producer_;
  }

  /// Remembered: `events topics apply` never changes it.
  Result<int> partitions_of(Producer& producer, const std::string& topic) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = partitions_.find(topic);
      if (found != partitions_.end()) return found->second;
    }
    RESPRING_TRY(const auto facts, topic_facts(producer.client(), topic, options_));
    const std::lock_guard lock(mutex_);
    partitions_[topic] = facts.partitions;
    return facts.partitions;
  }

  const Options options_;
  mutable std::mutex mutex_;
  std::shared_ptr<Producer> producer_;
  std::map<std::string, int> partitions_;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<EventBus>> open_event_bus(Options options) {
  RESPRING_TRY(auto producer, Producer::open(options));
  return std::unique_ptr<EventBus>(
      std::make_unique<KafkaEventBus>(std::move(options), std::move(producer)));
}

}  // namespace respring::kafka
