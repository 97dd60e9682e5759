#include "kafka/topics.h"

#include <algorithm>
#include <array>

#include "chat/ports/event_bus.h"
#include "kafka/cluster.h"

namespace respring::kafka {
namespace {

constexpr int kLookAgainMs = 20;
/// An answer is waited for a little longer than librdkafka itself waits.
constexpr int kGraceMs = 500;
/// The brokers of a busy cluster hear of new topics late.
constexpr std::chrono::seconds kUntilKnown{30};

using NewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using AdminLimits = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

struct Admin {
  static Result<std::unique_ptr<Admin>> open(const Options& options) {
    auto admin = std::make_unique<Admin>();
    RESPRING_TRY(admin->client, open_client(RD_KAFKA_PRODUCER, options, {}, admin->hooks));
    return admin;
  }

  AdminLimits limits(rd_kafka_admin_op_t operation, const Options& options) const {
    AdminLimits made(rd_kafka_AdminOptions_new(client.get(), operation));
    rd_kafka_AdminOptions_set_request_timeout(made.get(), ms_of(options.request_timeout), nullptr,
                                              0);
    return made;
  }

  Hooks hooks;
  ClientPtr client;
};

/// Where one answer comes.
struct Inquiry {
  explicit Inquiry(rd_kafka_t* client) : queue(rd_kafka_queue_new(client)) {}

  /// The event, which this keeps; its own error as ours.
  Result<rd_kafka_event_t*> wait(const std::string& doing, const Options& options) {
    event.reset(rd_kafka_queue_poll(queue.get(), ms_of(options.request_timeout) + kGraceMs));
    if (!event) return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, doing, options);
    const auto code = rd_kafka_event_error(event.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing, options);
    return event.get();
  }

  Owned<rd_kafka_queue_t, rd_kafka_queue_destroy> queue;
  Owned<rd_kafka_event_t, rd_kafka_event_destroy> event{};
};

/// The first of them that failed otherwise than by `fine`.
Result<void> all_right(const rd_kafka_topic_result_t** results, std::size_t count,
                       rd_kafka_resp_err_t fine, const std::string& verb, const Options& options) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == fine) continue;
    const char* sentence = rd_kafka_topic_result_error_string(results[i]);
    return internal("kafka://" + options.brokers + " does not " + verb + " topic " +
                    rd_kafka_topic_result_name(results[i]) + ": " +
                    (sentence != nullptr ? sentence : rd_kafka_err2str(code)));
  }
  return success();
}

/// A broker hears of a new topic a moment after the controller has made it.
Result<void> wait_until_known(rd_kafka_t* client, const std::vector<TopicStep>& plan,
                              const Options& options) {
  const auto until = std::chrono::steady_clock::now() + kUntilKnown;
  while (true) {
    RESPRING_TRY(const auto topics, topics_of(client, options));
    const bool all = std::ranges::all_of(plan, [&](const TopicStep& step) {
      return topics.contains(options.prefix + step.spec.name);
    });
    if (all) return success();
    if (std::chrono::steady_clock::now() >= until)
      return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "new topics are not seen on", options);
    rd_kafka_poll(client, kLookAgainMs);
  }
}

}  // namespace

std::vector<TopicSpec> platform_topics() {
  const std::string rooms(chat::kRoomEventsTopic);
  const std::string users(chat::kUserEventsTopic);
  const std::chrono::hours long_kept(24 * 30);
  return {{rooms}, {users}, {rooms + ".dlq", 1, long_kept}, {users + ".dlq", 1, long_kept}};
}

Result<std::vector<TopicStep>> plan_topics(const Options& options,
                                           const std::vector<TopicSpec>& wanted) {
  RESPRING_TRY(const auto admin, Admin::open(options));
  RESPRING_TRY(const auto topics, topics_of(admin->client.get(), options));
  std::vector<TopicStep> plan;
  for (const TopicSpec& spec : wanted) {
    auto& step = plan.emplace_back();
    step.spec = spec;
    const auto found = topics.find(options.prefix + spec.name);
    if (found == topics.end()) {
      step.kind = TopicStep::Kind::create;
      step.reason = "is missing";
    } else if (found->second.partitions != spec.partitions) {
      step.kind = TopicStep::Kind::differs;
      step.reason = "has " + std::to_string(found->second.partitions) + " partitions instead of " +
                    std::to_string(spec.partitions) +
                    "; it stays so, because keys would move and lose their order";
    } else {
      step.reason = "is there";
    }
  }
  return plan;
}

Result<void> apply_topics(const Options& options, const std::vector<TopicStep>& plan,
                          int replicas) {
  std::vector<NewTopic> topics;
  for (const TopicStep& step : plan) {
    if (step.kind != TopicStep::Kind::create) continue;
    std::array<char, 256> why{};
    const std::string name = options.prefix + step.spec.name;
    NewTopic topic(rd_kafka_NewTopic_new(name.c_str(), step.spec.partitions, replicas, why.data(),
                                         why.size()));
    if (!topic) return invalid("topic " + name + ": " + why.data());
    const auto kept = number(step.spec.kept);
    rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", kept.c_str());
    rd_kafka_NewTopic_set_config(topic.get(), "cleanup.policy", "delete");
    topics.push_back(std::move(topic));
  }
  if (topics.empty()) return success();
  RESPRING_TRY(const auto admin, Admin::open(options));
  const auto limits = admin->limits(RD_KAFKA_ADMIN_OP_CREATETOPICS, options);
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const auto& topic : topics) raw.push_back(topic.get());
  Inquiry inquiry(admin->client.get());
  rd_kafka_CreateTopics(admin->client.get(), raw.data(), raw.size(), limits.get(),
                        inquiry.queue.get());
  RESPRING_TRY(auto* event, inquiry.wait("no topics made on", options));
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  RESPRING_TRYV(all_right(results, count, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "make", options));
  return wait_until_known(admin->client.get(), plan, options);
}

Result<void> delete_topics(const Options& options, const std::vector<std::string>& names) {
  if (names.empty()) return success();
  RESPRING_TRY(const auto admin, Admin::open(options));
  const auto limits = admin->limits(RD_KAFKA_ADMIN_OP_DELETETOPICS, options);
  using DeleteTopic = Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
  std::vector<DeleteTopic> topics;
  std::vector<rd_kafka_DeleteTopic_t*> raw;
  for (const auto& name : names) {
    topics.emplace_back(rd_kafka_DeleteTopic_new((options.prefix + name).c_str()));
    raw.push_back(topics.back().get());
  }
  Inquiry inquiry(admin->client.get());
  rd_kafka_DeleteTopics(admin->client.get(), raw.data(), raw.size(), limits.get(),
                        inquiry.queue.get());
  RESPRING_TRY(auto* event, inquiry.wait("no topics deleted on", options));
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  return all_right(results, count, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "delete", options);
}

}  // namespace respring::kafka
