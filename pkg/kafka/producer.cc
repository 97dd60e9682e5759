// Order and loss. A key's records go to one partition in the order of publish(); the idempotent
// producer keeps that order through retries. publish() returns only when all of its records have
// their report, so whoever publishes one batch after another, as the relay does, never has a later
// record stored before an earlier one of the same key that failed: he repeats the whole batch.
#include "kafka/producer.h"

#include <pthread.h>

#include "kafka/cluster.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr auto kLookEvery = std::chrono::seconds(2);
constexpr int kLookMs = 1000;

rd_kafka_vu_t memory(rd_kafka_vtype_t type, const std::string& bytes) {
  rd_kafka_vu_t value{};
  value.vtype = type;
  value.u.mem.ptr = const_cast<char*>(bytes.data());  // it is copied (RD_KAFKA_MSG_F_COPY)
  value.u.mem.size = bytes.size();
  return value;
}

}  // namespace

/// The records of one publish() that have no report yet. It lives on the stack of publish(), which
/// waits for every report.
struct Producer::Batch {
  std::mutex mutex;
  std::condition_variable done;
  std::size_t open = 0;
  rd_kafka_resp_err_t failure = RD_KAFKA_RESP_ERR_NO_ERROR;
};

Result<std::shared_ptr<Producer>> Producer::open(const Options& options) {
  std::shared_ptr<Producer> producer(new Producer(options));
  RESPRING_TRY(
      producer->client_,
      open_client(RD_KAFKA_PRODUCER, options,
                  {{"enable.idempotence", "true"},
                   {"acks", "all"},
                   {"message.timeout.ms", number(options.publish_timeout)},
                   {"linger.ms", "5"},
                   {"compression.type", "lz4"},
                   {"message.max.bytes", "4000000"},
                   {"queue.buffering.max.messages", std::to_string(options.max_queued_records)},
                   {"queue.buffering.max.kbytes", std::to_string(options.max_queued_kbytes)},
                   {"retry.backoff.ms", "50"},
                   {"topic.metadata.refresh.fast.interval.ms", "100"}},
                  *producer));
  producer->poller_ = std::thread([raw = producer.get()] { raw->poll_loop(); });
  pthread_setname_np(producer->poller_.native_handle(), "kafka-reports");
  return producer;
}

Producer::~Producer() { stop(); }

void Producer::stop() {
  stopping_ = true;
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  room_.notify_all();
  if (poller_.joinable()) poller_.join();
}

void Producer::poll_loop() {
  auto look_at = std::chrono::steady_clock::now() + kLookEvery;
  // Whoever publishes waits for his reports: they come even while this ends.
  while (!stopping_ || publishing_ > 0 || rd_kafka_outq_len(client_.get()) > 0) {
    rd_kafka_poll(client_.get(), kPollMs);
    if (stopping_)
      rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    if (is_ok() || dead_ || std::chrono::steady_clock::now() < look_at) continue;
    look_whether_back();
    look_at = std::chrono::steady_clock::now() + kLookEvery;
  }
}

// An idle client is not told that its brokers are there again.
void Producer::look_whether_back() {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, kLookMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return;
  }
  rd_kafka_metadata_destroy(metadata);
  set_status({});
  log::info("kafka.up", {{"brokers", options_.brokers}});
}

void Producer::on_delivery(const rd_kafka_message_t& message) {
  static const auto published =
      metrics::counter("respring_kafka_records_total", {{"result", "stored"}});
  static const auto failed =
      metrics::counter("respring_kafka_records_total", {{"result", "failed"}});
  const bool stored = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  (stored ? published : failed).add();
  auto& batch = *static_cast<Batch*>(message._private);
  {
    const std::lock_guard lock(batch.mutex);
    if (!stored && batch.failure == RD_KAFKA_RESP_ERR_NO_ERROR) batch.failure = message.err;
    // Under the lock: the batch is gone as soon as publish() sees that nothing is open.
    if (--batch.open == 0) batch.done.notify_one();
  }
  room_.notify_all();
}

rd_kafka_resp_err_t Producer::enqueue(const std::string& topic, int partition,
                                      const chat::BusRecord& record, Batch& batch) {
  std::vector<rd_kafka_vu_t> values(4);
  values[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  values[0].u.cstr = topic.c_str();
  values[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  values[1].u.i32 = partition;
  values[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  values[2].u.i = RD_KAFKA_MSG_F_COPY;
  values[3].vtype = RD_KAFKA_VTYPE_OPAQUE;
  values[3].u.ptr = &batch;
  values.push_back(memory(RD_KAFKA_VTYPE_KEY, record.key));
  values.push_back(memory(RD_KAFKA_VTYPE_VALUE, record.value));
  for (const auto& [name, value] : record.headers) {
    auto& header = values.emplace_back();
    header.vtype = RD_KAFKA_VTYPE_HEADER;
    header.u.header.name = name.c_str();
    header.u.header.val = value.data();
    header.u.header.size = static_cast<ssize_t>(value.size());
  }
  {
    const std::lock_guard lock(batch.mutex);
    ++batch.open;
  }
  const Owned<rd_kafka_error_t, rd_kafka_error_destroy> error(
      rd_kafka_produceva(client_.get(), values.data(), values.size()));
  if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const std::lock_guard lock(batch.mutex);
  --batch.open;
  return rd_kafka_error_code(error.get());
}

Result<void> Producer::publish(const std::string& topic, int partitions,
                               const std::vector<chat::BusRecord>& records) {
  const auto until = std::chrono::steady_clock::now() + options_.publish_timeout;
  Batch batch;
  ++publishing_;
  auto refused = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (const auto& record : records) {
    const int partition = partition_of(record.key, partitions);
    while (!stopping_) {
      refused = enqueue(topic, partition, record, batch);
      if (refused != RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
      std::unique_lock lock(mutex_);
      room_.wait_for(lock, std::chrono::milliseconds(kPollMs));
      if (std::chrono::steady_clock::now() >= until) break;
    }
    if (stopping_) refused = RD_KAFKA_RESP_ERR__DESTROY;
    if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) break;
  }
  {
    std::unique_lock lock(batch.mutex);
    batch.done.wait(lock, [&] { return batch.open == 0; });
  }
  --publishing_;
  const auto code = refused != RD_KAFKA_RESP_ERR_NO_ERROR ? refused : batch.failure;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    set_status({});
    return success();
  }
  if (rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) dead_ = true;
  return error_of(code, "nothing published to", options_);
}

}  // namespace respring::kafka
