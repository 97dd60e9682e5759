#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/handle.h"

/// Questions to a cluster. They block, at most for Options::request_timeout.
namespace respring::kafka {

/// Where a key's records go, the same for ever for a number of partitions.
int partition_of(std::string_view key, int partitions);

struct TopicFacts {
  int partitions = 0;
  int replicas = 0;
};
/// Every topic of the cluster by its full name. Makes none, whatever the brokers are set to.
Result<std::map<std::string, TopicFacts>> topics_of(rd_kafka_t* client, const Options& options);
/// `not_found` with the sentence for the operator when there is no such topic (given without the
/// prefix).
Result<TopicFacts> topic_facts(rd_kafka_t* client, const std::string& topic,
                               const Options& options);

using Offsets = std::vector<std::int64_t>;  ///< one for each partition
enum class Edge { oldest, end };
Result<Offsets> offsets_at(rd_kafka_t* client, const std::string& topic, int partitions, Edge edge,
                           const Options& options);
/// The first record of each partition that is not older than that time; -1 where there is none.
Result<Offsets> offsets_since(rd_kafka_t* client, const std::string& topic, int partitions,
                              std::int64_t time_ms, const Options& options);
/// What the group has committed; -1 where it has nothing.
Result<Offsets> committed_by(const std::string& group, const std::string& topic, int partitions,
                             const Options& options);

}  // namespace respring::kafka
