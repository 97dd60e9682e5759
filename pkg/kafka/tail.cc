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
    RESPRING_TRY(client_, open_client(RD_KAFKA_CONSUMER, options_,
                                      {{"group.id", options_.prefix + "respring-tail"},
                                       {"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                       {"auto.offset.reset", "earliest"},
                                       {"allow.auto.create.topics", "false"},
                                       {"queued.max.messages.kbytes", "16384"}},
                                      hooks_));
    rd_kafka_poll_set_consumer(client_.get());
    RESPRING_TRY(const auto facts, topic_facts(client_.get(), topic_, options_));
    const auto edge = from == From::end ? Edge::end : Edge::oldest;
    RESPRING_TRY(const auto offsets,
                 offsets_at(client_.get(), topic_, facts.partitions, edge, options_));
    const PartitionList list(rd_kafka_topic_partition_list_new(facts.partitions));
    for (int i = 0; i < facts.partitions; ++i) {
      rd_kafka_topic_partition_list_add(list.get(), (options_.prefix + topic_).c_str(), i)->offset =
          offsets[static_cast<std::size_t>(i)];
    }
    const auto code = rd_kafka_assign(client_.get(), list.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "cannot read", options_);
    return success();
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
