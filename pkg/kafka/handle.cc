#include "kafka/handle.h"

#include <array>

#include "telemetry/log.h"

namespace respring::kafka {
namespace {

using Conf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;

constexpr int kSyslogError = 3;
constexpr int kSyslogWarning = 4;

Hooks& hooks_of(void* opaque) { return *static_cast<Hooks*>(opaque); }

void on_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  const auto to = level <= kSyslogError     ? log::Level::warn
                  : level <= kSyslogWarning ? log::Level::info
                                            : log::Level::debug;
  if (log::enabled(to)) log::write(to, "kafka.client", {{"facility", facility}, {"text", text}});
}

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  // One broker of several may go; the cluster is away when all are.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
      error == RD_KAFKA_RESP_ERR__SSL || error == RD_KAFKA_RESP_ERR__FATAL) {
    if (hooks_of(opaque).is_ok()) log::warn("kafka.down", {{"error", reason}});
    hooks_of(opaque).set_status({health::State::degraded, reason});
  }
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  hooks_of(opaque).on_delivery(*message);
}

void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                  rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  hooks_of(opaque).on_rebalance(client, code, partitions);
}

Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 8> ignored{};  // librdkafka's sentence may quote the value
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), ignored.data(), ignored.size()) ==
      RD_KAFKA_CONF_OK) {
    return success();
  }
  return invalid("Kafka property " + name + " is unknown or has a value it cannot have");
}

}  // namespace

health::Status Hooks::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Hooks::set_status(health::Status status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

Result<ClientPtr> open_client(rd_kafka_type_t type, const Options& options, Properties properties,
                              Hooks& hooks) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), &hooks);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  RESPRING_TRYV(set(conf.get(), "bootstrap.servers", options.brokers));
  RESPRING_TRYV(set(conf.get(), "client.id", options.client_id));
  RESPRING_TRYV(set(conf.get(), "socket.nagle.disable", "true"));
  RESPRING_TRYV(set(conf.get(), "reconnect.backoff.ms", "50"));
  RESPRING_TRYV(set(conf.get(), "reconnect.backoff.max.ms", "1000"));
  for (const auto& [name, value] : properties) {
    RESPRING_TRYV(set(conf.get(), name, value));
  }
  for (const auto& [name, value] : options.properties) {
    RESPRING_TRYV(set(conf.get(), name, value.reveal()));
  }
  std::array<char, 256> why{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), why.data(), why.size());
  if (client == nullptr) return internal("cannot make a Kafka client: " + std::string(why.data()));
  (void)conf.release();  // it is the client's now
  return ClientPtr(client);
}

Error error_of(rd_kafka_resp_err_t code, const std::string& doing, const Options& options) {
  return unavailable(doing + " kafka://" + options.brokers + ": " + rd_kafka_err2str(code),
                     std::chrono::seconds(1));
}

Error missing_topic(const std::string& topic, const Options& options) {
  return not_found("kafka://" + options.brokers + " has no topic " + topic +
                   ": `respring events topics apply` makes it");
}

}  // namespace respring::kafka
