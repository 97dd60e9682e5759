#include "kafka/tail.h"

#include "kafka/cluster.h"
#include "kafka/consumer.h"

namespace respring::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;

class KafkaTail final : public Tail {
 public:
  KafkaTail(const Options& options, std::string topic)
      : options_(options), topic_(std::move(topic)) {}

  Result<void> begin(From from) {
    RESPRING_TRY(client_, open_unattended(options_, "respring-tail", hooks_));
    RESPRING_TRY(const auto facts, topic_facts(client_.get(), topic_, options_));
    const auto edge = from == From::end ? Edge::end : Edge::oldest;
    RESPRING_TRY(const auto offsets,
                 offsets_at(client_.get(), topic_, facts.partitions, edge, options_));
    return assign(client_.get(), topic_, offsets, options_);
  }

  Result<std::vector<chat::BusRecord>> poll(std::size_t max,
                                            std::chrono::milliseconds wait) override {
    const auto until = Clock::now() + wait;
    std::vector<chat::BusRecord> records;
    while (records.size() < max) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      const int timeout = records.empty() ? std::max(ms_of(left), 0) : 0;
      const Message message(rd_kafka_consumer_poll(client_.get(), timeout));
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        records.push_back(record_of(*message, topic_));
      } else if (!message && (!records.empty() || Clock::now() >= until)) {
        break;
      }
    }
    return records;
  }

 private:
  const Options options_;
  const std::string topic_;
  Hooks hooks_;
  ClientPtr client_;
};

}  // namespace

Result<std::unique_ptr<Tail>> Tail::open(const Options& options, const std::string& topic,
                                         From from) {
  auto tail = std::make_unique<KafkaTail>(options, topic);
  RESPRING_TRYV(tail->begin(from));
  return std::unique_ptr<Tail>(std::move(tail));
}

}  // namespace respring::kafka
