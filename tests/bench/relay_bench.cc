// How fast the outbox relay drains a backlog from MySQL into Kafka, beside a bare librdkafka
// producer that is handed the same records from memory, with the same guarantees (idempotent,
// acks=all). In turn, on the same servers; what arrived is read back and its order checked.
// Usage: relay_bench mysql://user:password@host:port/ kafka://host:port [events] [rounds].
// Makes and drops the database respring_bench_relay and topics of its own.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "kafka/event_bus.h"
#include "kafka/topics.h"
#include "mysql/connection.h"
#include "store/migrations.h"
#include "store/outbox_relay.h"

namespace respring::bench {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kRooms = 64;
constexpr int kTogether = 16;  // events of one outbox row
const std::string kFiller(300, 'x');

template <class T>
auto must(T result) {
  if (!result) throw std::runtime_error(result.assume_error().detail);
  if constexpr (!std::is_void_v<typename T::value_type>) return std::move(result).assume_value();
}

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

std::string key_of(int event) { return std::to_string(event % kRooms); }
std::string value_of(int event) { return std::to_string(event / kRooms) + " " + kFiller; }

mysql::Options fresh_database(mysql::Options server) {
  server.database = "information_schema";
  const auto administrator = must(mysql::open(server));
  server.database = "respring_bench_relay";
  must(administrator->execute("DROP DATABASE IF EXISTS " + server.database));
  must(administrator->execute("CREATE DATABASE " + server.database));
  must(store::migrate(*must(mysql::open(server)), store::built_in_migrations("message")));
  return server;
}

void fill(sql::Connection& db, int events) {
  auto transaction = must(sql::Transaction::begin(db, sql::Begin::write));
  for (int event = 0; event < events; event += kTogether) {
    std::string lines;
    for (int i = event; i < event + kTogether; ++i) {
      lines.append(key_of(i)).append(" ").append(value_of(i)).append("\n");
    }
    must(db.run("INSERT INTO outbox (events, created_at) VALUES (?,0)", sql::Blob{lines}));
  }
  must(transaction.commit());
}

double relay_rate(const mysql::Options& server, chat::EventBus& bus, int events) {
  const auto database = fresh_database(server);
  fill(*must(mysql::open(database)), events);
  SystemClock clock;
  store::OutboxRelay relay({"bench", mysql::connector(database), &bus, &clock, "bench"});
  const auto start = Steady::now();
  relay.start();
  while (relay.stats().events < events) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const double rate = events / seconds_since(start);
  relay.stop();
  return rate;
}

/// Throws unless every room's events came in order, each once.
void check_order(chat::EventBus& bus, int events) {
  const auto consumer = must(bus.subscribe("bench-check", std::string(chat::kRoomEventsTopic)));
  std::map<std::string, int> next;
  for (int seen = 0; seen < events;) {
    for (const auto& record : must(consumer->poll(10'000, std::chrono::seconds(30)))) {
      if (std::stoi(record.value) != next[record.key]++) throw std::runtime_error("out of order");
      ++seen;
    }
  }
}

/// The records are in memory, the topic is there: what librdkafka does by itself.
double bare_rate(const std::string& brokers, const std::string& topic, int events) {
  char problem[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, std::string>>{{"bootstrap.servers", brokers},
                                                        {"enable.idempotence", "true"},
                                                        {"acks", "all"},
                                                        {"linger.ms", "5"},
                                                        {"compression.type", "lz4"}}) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), problem, sizeof problem) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(problem);
  }
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
  if (producer == nullptr) throw std::runtime_error(problem);
  std::vector<std::pair<std::string, std::string>> records;
  for (int i = 0; i < events; ++i) records.emplace_back(key_of(i), value_of(i));
  const auto start = Steady::now();
  for (auto& [key, value] : records) {
    while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()),
                             RD_KAFKA_V_KEY(key.data(), key.size()),
                             RD_KAFKA_V_VALUE(value.data(), value.size()),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_poll(producer, 1);  // its queue is full
    }
  }
  rd_kafka_flush(producer, 60'000);
  const double rate = events / seconds_since(start);
  const bool all = rd_kafka_outq_len(producer) == 0;
  rd_kafka_destroy(producer);
  if (!all) throw std::runtime_error("the bare producer did not finish");
  return rate;
}

void run(const mysql::Options& server, const std::string& kafka, int events, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    auto options = must(kafka::parse_url(kafka));
    options.prefix = "bench-" + random_token(6) + ".";
    const std::vector<kafka::TopicSpec> topics = {{std::string(chat::kRoomEventsTopic)}};
    must(kafka::apply_topics(options, must(kafka::plan_topics(options, topics))));
    const auto bus = must(kafka::open_event_bus(options));
    const double ours = relay_rate(server, *bus, events);
    check_order(*bus, events);
    const double bare =
        bare_rate(options.brokers, options.prefix + std::string(chat::kRoomEventsTopic), events);
    std::printf("relay %.0f events/s, bare loop %.0f, ratio %.2f; %d events in order\n", ours, bare,
                ours / bare, events);
    bus->stop();
    must(kafka::delete_topics(options, {std::string(chat::kRoomEventsTopic)}));
  }
}

}  // namespace
}  // namespace respring::bench

int main(int argc, char** argv) {
  const auto server = respring::mysql::parse_dsn(std::string(argc > 1 ? argv[1] : "") + "none");
  if (!server || argc < 3) {
    std::fprintf(stderr,
                 "usage: relay_bench mysql://user:password@host:port/ kafka://host:port "
                 "[events] [rounds]\n");
    return 64;
  }
  try {
    respring::bench::run(server.assume_value(), argv[2], argc > 3 ? std::atoi(argv[3]) : 100'000,
                         argc > 4 ? std::atoi(argv[4]) : 5);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
  }
  return 0;
}
