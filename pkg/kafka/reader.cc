#include "kafka/reader.h"

#include "kafka/cluster.h"
#include "kafka/consumer.h"

namespace respring::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using Places = Reader::Offsets;

class TopicReader final : public Reader {
 public:
  TopicReader(const Options& options, std::string topic)
      : options_(options), topic_(std::move(topic)) {}
  ~TopicReader() override {
    if (client_) rd_kafka_assign(client_.get(), nullptr);
  }

  Result<void> begin() {
    RESPRING_TRY(client_, open_unattended(options_, "respring-reader", hooks_));
    RESPRING_TRY(const auto facts, topic_facts(client_.get(), topic_, options_));
    partitions_ = facts.partitions;
    return success();
  }

  int partitions() const override { return partitions_; }
  int partition_of(const std::string& key) const override {
    return kafka::partition_of(key, partitions_);
  }
  Result<Places> since(Time time) override {
    RESPRING_TRY(auto places,
                 offsets_since(client_.get(), topic_, partitions_, to_ms(time), options_));
    RESPRING_TRY(const auto ends, end());
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] < 0) places[i] = ends.at(i);
    }
    return places;
  }
  Result<Places> oldest() override {
    return offsets_at(client_.get(), topic_, partitions_, Edge::oldest, options_);
  }
  Result<Places> end() override {
    return offsets_at(client_.get(), topic_, partitions_, Edge::end, options_);
  }
  Result<Places> committed(const std::string& group) override {
    return committed_by(group, topic_, partitions_, options_);
  }

  Result<std::vector<chat::BusRecord>> read(Places& from, const Places& until, std::size_t most,
                                            std::chrono::milliseconds patience) override {
    const auto size = static_cast<std::size_t>(partitions_);
    if (from.size() != size || until.size() != size)
      return invalid("topic " + topic_ + " has another number of partitions now");
    std::vector<chat::BusRecord> records;
    if (missing(from, until) == 0) return records;
    if (at_ != from || until_ != until) {
      RESPRING_TRYV(go_to(from, until));
    }
    auto give_up = Clock::now() + patience;
    while (records.size() < most && missing(from, until) > 0) {
      const int wait = records.empty() ? 100 : 0;
      const Message message(rd_kafka_consumer_poll(client_.get(), wait));
      if (!message && !records.empty()) break;
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        take(*message, from, until, records);
      if (records.empty() && Clock::now() >= give_up)
        return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "no records from", options_);
    }
    return records;
  }

 private:
  static std::int64_t missing(const Places& from, const Places& until) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      count += std::max<std::int64_t>(until[i] - from[i], 0);
    return count;
  }

  void take(const rd_kafka_message_t& message, Places& from, const Places& until,
            std::vector<chat::BusRecord>& records) {
    const auto part = static_cast<std::size_t>(message.partition);
    if (part >= from.size()) return;
    at_[part] = message.offset + 1;
    if (message.offset < from[part] || message.offset >= until[part]) return;
    from[part] = message.offset + 1;
    records.push_back(record_of(message, topic_));
  }

  Result<void> go_to(const Places& from, const Places& until) {
    Places places = from;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (from[i] >= until[i]) places[i] = -1;
    }
    RESPRING_TRYV(assign(client_.get(), topic_, places, options_));
    at_ = from;
    until_ = until;
    return success();
  }

  const Options options_;
  const std::string topic_;
  Hooks hooks_;
  ClientPtr client_;
  int partitions_ = 0;
  Places at_;     ///< behind what the client handed out …
  Places until_;  ///< … of the partitions that were missing up to here
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const Options& options, const std::string& topic) {
  auto reader = std::make_unique<TopicReader>(options, topic);
  RESPRING_TRYV(reader->begin());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace respring::kafka
