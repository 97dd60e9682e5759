#include "kafka/cluster.h"

namespace respring::kafka {
namespace {

constexpr int kLookAgainMs = 50;

/// Partitions or groups are changing their leader, or have just been made.
bool is_of_a_moment(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

/// On a queue where nothing comes: rd_kafka_poll() would meet the records that wait for a consumer,
/// and end the process.
void let_a_moment_pass(rd_kafka_t* client) {
  const Owned<rd_kafka_queue_t, rd_kafka_queue_destroy> nothing(rd_kafka_queue_new(client));
  const Owned<rd_kafka_event_t, rd_kafka_event_destroy> none(
      rd_kafka_queue_poll(nothing.get(), kLookAgainMs));
}

PartitionList list_of(const std::string& topic, int partitions, std::int64_t offset) {
  PartitionList list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = offset;
  }
  return list;
}

/// By partition; `otherwise` where the list says nothing.
Result<Offsets> offsets_in(const rd_kafka_topic_partition_list_t& list, int partitions,
                           std::int64_t otherwise, const std::string& doing,
                           const Options& options) {
  Offsets offsets(static_cast<std::size_t>(partitions), otherwise);
  for (int i = 0; i < list.cnt; ++i) {
    const auto& element = list.elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(element.err, doing, options);
    if (element.partition < 0 || element.partition >= partitions || element.offset < 0) continue;
    offsets[static_cast<std::size_t>(element.partition)] = element.offset;
  }
  return offsets;
}

}  // namespace

int partition_of(std::string_view key, int partitions) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, 64 bits
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return static_cast<int>((hash ^ (hash >> 32)) % static_cast<std::uint64_t>(partitions));
}

Result<std::map<std::string, TopicFacts>> topics_of(rd_kafka_t* client, const Options& options) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &raw, ms_of(options.request_timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "no topics from", options);
  const Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy> metadata(raw);
  std::map<std::string, TopicFacts> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || topic.partition_cnt == 0) continue;
    topics[topic.topic] = {topic.partition_cnt, topic.partitions[0].replica_cnt};
  }
  return topics;
}

Result<TopicFacts> topic_facts(rd_kafka_t* client, const std::string& topic,
                               const Options& options) {
  RESPRING_TRY(const auto topics, topics_of(client, options));
  const auto found = topics.find(options.prefix + topic);
  if (found == topics.end()) return missing_topic(options.prefix + topic, options);
  return found->second;
}

Result<Offsets> offsets_at(rd_kafka_t* client, const std::string& topic, int partitions, Edge edge,
                           const Options& options) {
  const std::string doing = "no offsets from";
  const auto until = std::chrono::steady_clock::now() + options.request_timeout;
  while (true) {
    // The protocol's names for the two ends, in place of a time.
    const auto list = list_of(options.prefix + topic, partitions,
                              edge == Edge::end ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING);
    auto code = rd_kafka_offsets_for_times(client, list.get(), ms_of(options.request_timeout));
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      code = list->elems[i].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets_in(*list, partitions, 0, doing, options);
    if (!is_of_a_moment(code) || std::chrono::steady_clock::now() >= until)
      return error_of(code, doing, options);
    let_a_moment_pass(client);
  }
}

Result<Offsets> offsets_since(rd_kafka_t* client, const std::string& topic, int partitions,
                              std::int64_t time_ms, const Options& options) {
  const std::string doing = "no offsets from";
  const auto list = list_of(options.prefix + topic, partitions, time_ms);
  const auto code = rd_kafka_offsets_for_times(client, list.get(), ms_of(options.request_timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing, options);
  return offsets_in(*list, partitions, -1, doing, options);
}

// Asked as the group itself, by a client that never joins it: librdkafka 2.0.2 crashes when the
// answer to the admin request ListConsumerGroupOffsets is that the coordinator is still loading.
Result<Offsets> committed_by(const std::string& group, const std::string& topic, int partitions,
                             const Options& options) {
  const std::string doing = "no committed offsets from";
  Hooks hooks;
  RESPRING_TRY(
      const auto client,
      open_client(RD_KAFKA_CONSUMER, options,
                  {{"group.id", options.prefix + group}, {"enable.auto.commit", "false"}}, hooks));
  const auto until = std::chrono::steady_clock::now() + options.request_timeout;
  while (true) {
    const auto list = list_of(options.prefix + topic, partitions, RD_KAFKA_OFFSET_INVALID);
    auto code = rd_kafka_committed(client.get(), list.get(), ms_of(options.request_timeout));
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      code = list->elems[i].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return offsets_in(*list, partitions, -1, doing, options);
    if (!is_of_a_moment(code) || std::chrono::steady_clock::now() >= until)
      return error_of(code, doing, options);
    let_a_moment_pass(client.get());
  }
}

}  // namespace respring::kafka
