#include "kafka/consumer.h"

#include <algorithm>

#include "telemetry/log.h"

namespace respring::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Message = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;

/// The partitions belong to somebody else by now, or are about to.
bool means_moved_on(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__NO_OFFSET:
      return true;
    default:
      return false;
  }
}

bool means_no_topic(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace

Result<ClientPtr> open_unattended(const Options& options, const std::string& name, Hooks& hooks) {
  RESPRING_TRY(auto client, open_client(RD_KAFKA_CONSUMER, options,
                                        {{"group.id", options.prefix + name},
                                         {"enable.auto.commit", "false"},
                                         {"enable.auto.offset.store", "false"},
                                         {"auto.offset.reset", "earliest"},
                                         {"allow.auto.create.topics", "false"},
                                         {"queued.max.messages.kbytes", "16384"}},
                                        hooks));
  rd_kafka_poll_set_consumer(client.get());
  return client;
}

Result<void> assign(rd_kafka_t* client, const std::string& topic,
                    const std::vector<std::int64_t>& places, const Options& options) {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  const std::string full = options.prefix + topic;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0) continue;
    rd_kafka_topic_partition_list_add(list.get(), full.c_str(), static_cast<int>(i))->offset =
        places[i];
  }
  const auto code = rd_kafka_assign(client, list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "cannot read", options);
  return success();
}

chat::BusRecord record_of(const rd_kafka_message_t& message, const std::string& topic) {
  chat::BusRecord record;
  record.topic = topic;
  record.partition = message.partition;
  record.offset = message.offset;
  if (message.key != nullptr)
    record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr)
    record.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.emplace_back(name, value == nullptr
                                          ? std::string()
                                          : std::string(static_cast<const char*>(value), size));
  }
  return record;
}

Result<std::unique_ptr<Consumer>> Consumer::open(const Options& options, const std::string& group,
                                                 const std::string& topic) {
  std::unique_ptr<Consumer> consumer(new Consumer(options));
  consumer->topic_ = topic;
  // `range`: with cooperative-sticky librdkafka 2.0.2 leaves a group without a word, and the others
  // wait for the dead member.
  RESPRING_TRY(consumer->client_,
               open_client(RD_KAFKA_CONSUMER, options,
                           {{"group.id", options.prefix + group},
                            {"partition.assignment.strategy", "range"},
                            {"enable.auto.commit", "false"},
                            {"enable.auto.offset.store", "false"},
                            {"auto.offset.reset", "earliest"},
                            {"allow.auto.create.topics", "false"},
                            {"session.timeout.ms", number(options.session_timeout)},
                            {"heartbeat.interval.ms", number(options.session_timeout / 10)},
                            {"max.poll.interval.ms",
                             number(std::max(options.longest_pause, options.session_timeout))},
                            {"queued.max.messages.kbytes", "16384"},
                            {"fetch.error.backoff.ms", "100"},
                            {"fetch.message.max.bytes", "1048576"}},
                           *consumer));
  rd_kafka_poll_set_consumer(consumer->client_.get());
  const PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), (options.prefix + topic).c_str(),
                                    RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(consumer->client_.get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "cannot follow", options);
  return consumer;
}

Consumer::~Consumer() {
  if (client_) rd_kafka_consumer_close(client_.get());
}

std::optional<std::size_t> Consumer::assigned() const {
  return has_part_ ? std::optional(mine_.size()) : std::nullopt;
}

void Consumer::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                            rd_kafka_topic_partition_list_t* partitions) {
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    begin_with(*partitions);
    rd_kafka_assign(client, partitions);
    return;
  }
  // Others may have worked on them since: only what was committed counts.
  if (rd_kafka_assignment_lost(client) != 0) positions_.clear();
  let_go();
  rd_kafka_assign(client, nullptr);
}

void Consumer::begin_with(rd_kafka_topic_partition_list_t& partitions) {
  Offsets positions;
  Offsets committed;
  mine_.clear();
  for (int i = 0; i < partitions.cnt; ++i) {
    auto& partition = partitions.elems[i];
    mine_.insert(partition.partition);
    const auto before = positions_.find(partition.partition);
    if (before == positions_.end()) continue;
    partition.offset = before->second;
    positions.insert(*before);
    if (const auto found = committed_.find(partition.partition); found != committed_.end())
      committed.insert(*found);
  }
  positions_ = std::move(positions);
  committed_ = std::move(committed);
  has_part_ = true;
  log::info("kafka.assigned",
            {{"topic", options_.prefix + topic_}, {"partitions", partitions.cnt}});
}

void Consumer::let_go() {
  // Backwards: the position becomes that of the first one dropped.
  for (auto record = reading_.rbegin(); record != reading_.rend(); ++record) {
    if (positions_.contains(record->partition)) positions_[record->partition] = record->offset;
  }
  reading_.clear();
  mine_.clear();
  has_part_ = false;
}

void Consumer::take(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (!mine_.contains(message.partition)) return;
    positions_[message.partition] = message.offset + 1;
    reading_.push_back(record_of(message, topic_));
    return;
  }
  if (means_no_topic(message.err)) {
    failure_ = missing_topic(options_.prefix + topic_, options_);
  } else if (message.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
             message.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
             message.err == RD_KAFKA_RESP_ERR__FATAL) {
    failure_ = error_of(message.err, "cannot read from", options_);
  } else {
    log::debug("kafka.read", {{"error", rd_kafka_err2str(message.err)}});  // it tries again
  }
}

Result<std::vector<chat::BusRecord>> Consumer::poll(std::size_t max,
                                                    std::chrono::milliseconds wait) {
  const auto until = Clock::now() + wait;
  while (reading_.size() < max && !failure_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    const int timeout = reading_.empty() ? std::max(ms_of(left), 0) : 0;
    const Message message(rd_kafka_consumer_poll(client_.get(), timeout));
    if (message) {
      take(*message);
    } else if (!reading_.empty() || Clock::now() >= until) {
      break;
    }
  }
  if (reading_.empty() && failure_) return *std::exchange(failure_, std::nullopt);
  if (!reading_.empty() && !is_ok()) set_status({});
  return std::exchange(reading_, {});
}

Result<void> Consumer::commit(const std::vector<chat::BusRecord>& done) {
  Offsets offsets;
  for (const auto& record : done) {
    auto& offset = offsets[record.partition];
    offset = std::max(offset, record.offset + 1);
  }
  std::erase_if(offsets, [this](const auto& one) {
    const auto before = committed_.find(one.first);
    return !mine_.contains(one.first) ||
           (before != committed_.end() && before->second >= one.second);
  });
  if (offsets.empty()) return success();
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), (options_.prefix + topic_).c_str(), partition)
        ->offset = offset;
  }
  auto code = rd_kafka_commit(client_.get(), list.get(), 0);
  for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    code = list->elems[i].err;
  if (means_moved_on(code)) {
    log::info("kafka.commit_late", {{"topic", options_.prefix + topic_}});
    return success();
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "nothing committed to", options_);
  for (const auto& [partition, offset] : offsets) committed_[partition] = offset;
  return success();
}

}  // namespace respring::kafka
