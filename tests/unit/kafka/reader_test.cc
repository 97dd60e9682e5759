#include "kafka/reader.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <memory>
#include <string>

#include "kafka/event_bus.h"

namespace respring::kafka {
namespace {

constexpr std::int16_t kListOffsets =
    2;  // https://kafka.apache.org/protocol.html#protocol_api_keys
constexpr const char* kTopic = "test.events";

/// librdkafka's own broker, which answers with errors when it is told to: real ones do so for some
/// milliseconds at moments that nobody can choose.
class MockBroker {
 public:
  MockBroker()
      : client_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(client_, 1)) {
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    options_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
  }
  ~MockBroker() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }
  MockBroker(const MockBroker&) = delete;
  MockBroker& operator=(const MockBroker&) = delete;

  const Options& options() const { return options_; }
  void fail_questions_for_offsets() {
    rd_kafka_mock_push_request_errors(cluster_, kListOffsets, 2,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  }

 private:
  rd_kafka_t* client_;
  rd_kafka_mock_cluster_t* cluster_;
  Options options_;
};

TEST(KafkaReader, AsksAgainWhileRecordsWaitToBeRead) {
  MockBroker broker;
  const auto bus = std::move(open_event_bus(broker.options()).value());
  std::vector<chat::BusRecord> records(200);
  for (auto& record : records) {
    record.key = "1";
    record.value = std::string(100, 'x');
  }
  ASSERT_TRUE(bus->publish(kTopic, records));
  const auto reader = std::move(Reader::open(broker.options(), kTopic).value());
  auto from = reader->oldest().value();
  const auto until = reader->end().value();
  ASSERT_EQ(reader->read(from, until, 1, std::chrono::seconds(10)).value().size(), 1U);
  broker.fail_questions_for_offsets();
  const auto end = reader->end();
  ASSERT_TRUE(end) << end.error().detail;
  EXPECT_EQ(end.value(), until);
}

}  // namespace
}  // namespace respring::kafka
