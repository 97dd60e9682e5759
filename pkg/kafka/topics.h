#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "kafka/options.h"

/// The topics of the platform: a plan, then what the plan says. Blocks.
namespace respring::kafka {

struct TopicSpec {
  std::string name;  ///< without the prefix
  int partitions = 64;
  std::chrono::hours kept{24 * 7};
};

/// Every topic the platform uses, its dead letters too.
std::vector<TopicSpec> platform_topics();

struct TopicStep {
  enum class Kind { create, keep, differs };
  Kind kind = Kind::keep;
  TopicSpec spec;
  std::string reason;  ///< for people
};

/// What apply_topics() would do. `differs`: the topic has another number of partitions, which is
/// left alone, because keys would move and lose their order.
Result<std::vector<TopicStep>> plan_topics(const Options& options,
                                           const std::vector<TopicSpec>& wanted);
/// Makes those that are to be created, with the cluster's default of replicas if that is -1. One
/// that somebody else made meanwhile is as good.
Result<void> apply_topics(const Options& options, const std::vector<TopicStep>& plan,
                          int replicas = -1);
/// For tests and for taking a platform down: the topics and what is in them are gone.
Result<void> delete_topics(const Options& options, const std::vector<std::string>& names);

}  // namespace respring::kafka
