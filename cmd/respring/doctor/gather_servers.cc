#include "async/io_pool.h"
#include "async/run.h"
#include "chat/dead_letters.h"
#include "elasticsearch/search_index.h"
#include "kafka/event_bus.h"
#include "kafka/reader.h"
#include "kafka/topics.h"
#include "redis/client.h"
#include "respring/doctor/gather.h"

namespace respring::cmd {
namespace {

/// How far each group is behind, and what waits among the dead.
Result<void> look_at_groups(const kafka::Options& options, doctor::ServerFacts& server,
                            doctor::Facts& facts) {
  const std::string topic(chat::kRoomEventsTopic);
  RESPRING_TRY(const auto reader, kafka::Reader::open(options, topic));
  RESPRING_TRY(const auto end, reader->end());
  RESPRING_TRY(const auto oldest, reader->oldest());
  for (const char* group : {"search-index", "room-lists"}) {
    RESPRING_TRY(const auto committed, reader->committed(group));
    std::int64_t behind = 0;
    for (std::size_t i = 0; i < end.size(); ++i)
      behind += std::max<std::int64_t>(end[i] - std::max(committed.at(i), oldest.at(i)), 0);
    facts.groups.push_back({group, behind});
  }
  RESPRING_TRY(const auto bus, kafka::open_event_bus(options));
  RESPRING_TRY(server.dead_letters, bus->lag("dead-letters", chat::dead_letters_topic(topic)));
  return success();
}

void look_at_kafka(const Settings& settings, doctor::Facts& facts) {
  doctor::ServerFacts& server = facts.servers.emplace_back();
  server.name = "kafka";
  server.where = settings.bus;
  const auto options = cluster_of(settings);
  if (!options) {
    server.error = options.error().detail;
    return;
  }
  const auto plan = kafka::plan_topics(options.value(), kafka::platform_topics());
  if (!plan) {
    server.error = plan.error().detail;
    return;
  }
  for (const kafka::TopicStep& step : plan.value()) {
    if (step.kind == kafka::TopicStep::Kind::create) server.missing.push_back(step.spec.name);
    if (step.kind == kafka::TopicStep::Kind::differs)
      server.differing.push_back(step.spec.name + " " + step.reason);
  }
  if (!server.missing.empty()) return;
  const auto looked = look_at_groups(options.value(), server, facts);
  if (!looked) facts.blind.push_back("kafka: " + looked.error().detail);
}

/// Asks for the time: that needs the login, and shows the clock.
Result<std::int64_t> time_of(const redis::Options& options) {
  redis::Client client(options);
  std::vector<std::string> words = {"TIME"};
  auto asked = async::block_on(options.executor, client.call(std::move(words)));
  RESPRING_TRY(const auto reply, redis::answer_of(std::move(asked)));
  if (reply.elements.size() != 2) return internal("it answers otherwise than Redis");
  return std::stoll(reply.elements[0].text) * 1000 + std::stoll(reply.elements[1].text) / 1000;
}

void look_at_redis(const Settings& settings, async::IoPool& io, const std::string& use,
                   const std::string& url, doctor::Facts& facts) {
  doctor::ServerFacts& server = facts.servers.emplace_back();
  server.name = "redis " + use;
  auto redis = redis_of(settings.redis, use, url, io.at(0).get_executor());
  if (!redis) {
    server.error = redis.error().detail;
    return;
  }
  redis::Options& options = redis.value();
  server.where = options.address.str();
  options.command_timeout = std::chrono::milliseconds(2'000);
  const auto time = time_of(options);
  if (time) server.clock_ms = ahead_of_here(time.value());
  if (!time) server.error = time.error().detail;
}

void look_at_engine(const Settings& settings, async::IoPool& io, doctor::Facts& facts) {
  doctor::ServerFacts& server = facts.servers.emplace_back();
  server.name = "search";
  auto options = engine_of(settings);
  if (!options) {
    server.error = options.error().detail;
    return;
  }
  server.where = options.value().str();
  const auto index = elasticsearch::make_search_index(std::move(options).value());
  const auto engine = async::block_on(io.at(0).get_executor(), index->check());
  if (!engine) server.error = engine.error().detail;
}

/// What the archive needs of a store.
Result<void> probe(chat::BlobStore& blobs) {
  const std::string key = "doctor/" + new_uuid().str();
  RESPRING_TRYV(blobs.list("doctor/"));
  RESPRING_TRYV(blobs.put(key, key));
  const auto read = blobs.get(key);
  RESPRING_TRYV(blobs.remove(key));
  if (!read) return read.error();
  if (read.value() != key) return internal("it gives back otherwise than it was given");
  return success();
}

}  // namespace

std::int64_t ahead_of_here(std::int64_t clock_ms) { return clock_ms - to_ms(SystemClock().now()); }

void look_at_blobs(const Settings& settings, const DataDir& dir, doctor::Facts& facts) {
  const std::string where = place_of_blobs(dir, settings);
  std::error_code error;
  if (!has_bucket(settings) && !std::filesystem::exists(where, error) && !error) return;
  doctor::ServerFacts& server = facts.servers.emplace_back();
  server.name = "blobs";
  server.where = where;
  const auto blobs = open_blobs(dir, settings);
  const auto probed = blobs ? probe(*blobs.value()) : Result<void>(blobs.error());
  if (!probed) server.error = probed.error().detail;
}

void look_at_servers(const Settings& settings, doctor::Facts& facts) {
  facts.clustered = has_cluster(settings);
  if (facts.clustered) look_at_kafka(settings, facts);
  async::IoPool io(1);
  io.start();
  const std::pair<const char*, const std::string*> uses[] = {{"pubsub", &settings.redis.pubsub},
                                                             {"sessions", &settings.redis.sessions},
                                                             {"limits", &settings.redis.limits}};
  for (const auto& [use, url] : uses) {
    if (*url != "local") look_at_redis(settings, io, use, *url, facts);
  }
  if (has_engine(settings)) look_at_engine(settings, io, facts);
  io.stop();
}

}  // namespace respring::cmd
