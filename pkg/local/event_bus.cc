#include "local/event_bus.h"

#include <pthread.h>

#include <algorithm>
#include <optional>

#include "local/event_bus_consumer.h"

namespace respring::local {
int bus_partition_of(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, 64 bits
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return static_cast<int>((hash ^ (hash >> 32)) % kBusPartitions);
}

EventBus::EventBus(Options options) : options_(std::move(options)) {}

EventBus::~EventBus() { stop(); }

sql::Result<std::unique_ptr<EventBus>> EventBus::open(Options options) {
  std::unique_ptr<EventBus> bus(new EventBus(std::move(options)));
  RESPRING_TRY(bus->writer_, bus->options_.connect());
  RESPRING_TRYV(bus->load());
  bus->cleaner_ = std::thread([raw = bus.get()] { raw->clean_up(); });
  pthread_setname_np(bus->cleaner_.native_handle(), "bus-cleaner");
  return bus;
}

void EventBus::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  committed_.notify_all();
  if (cleaner_.joinable()) cleaner_.join();
}

sql::Result<void> EventBus::load() {
  RESPRING_TRY(auto rows, writer_->query("SELECT topic, name FROM bus_topic"));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) break;
    auto& topic = topics_[rows.text(1)];
    topic.id = rows.int64(0);
    topic.name = rows.text(1);
  }
  for (auto& [name, topic] : topics_) {
    RESPRING_TRYV(load_offsets(topic));
  }
  return success();
}

// Reads where everything stands. Members of groups stay.
sql::Result<void> EventBus::load_offsets(Topic& topic) {
  {
    RESPRING_TRY(auto rows,
                 writer_->query("SELECT part, next FROM bus_head WHERE topic=?", topic.id));
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      const auto part = static_cast<std::size_t>(rows.int64(0));
      topic.next.at(part) = topic.low.at(part) = rows.int64(1);
    }
  }
  for (int part = 0; part < kBusPartitions; ++part) {
    RESPRING_TRY(auto rows, writer_->query("SELECT pos FROM bus_record WHERE topic=? AND part=? "
                                           "ORDER BY pos LIMIT 1",
                                           topic.id, part));
    RESPRING_TRY(const bool found, rows.next());
    if (found) topic.low[static_cast<std::size_t>(part)] = rows.int64(0);
  }
  RESPRING_TRY(auto rows,
               writer_->query("SELECT grp, part, pos FROM bus_commit WHERE topic=?", topic.id));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    topic.groups[rows.text(0)].committed.at(static_cast<std::size_t>(rows.int64(1))) =
        rows.int64(2);
  }
}

// With write_mutex_ held.
sql::Result<EventBus::Topic*> EventBus::topic_named(std::string_view name) {
  if (stale_ || !writer_->usable()) {
    RESPRING_TRY(writer_, options_.connect());
    const std::lock_guard lock(mutex_);
    for (auto& [known, topic] : topics_) {
      RESPRING_TRYV(load_offsets(topic));
    }
    stale_ = false;
  }
  const auto found = topics_.find(name);
  if (found != topics_.end()) return &found->second;
  RESPRING_TRYV(writer_->run("INSERT INTO bus_topic (name) VALUES (?)", name));
  const std::lock_guard lock(mutex_);
  auto& topic = topics_[std::string(name)];
  topic.id = writer_->last_insert_id();
  topic.name = name;
  return &topic;
}

sql::Result<void> EventBus::append(const Topic& topic, const std::vector<chat::BusRecord>& records,
                                   Offsets& next) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*writer_, sql::Begin::write));
  std::array<bool, kBusPartitions> touched{};
  for (const auto& record : records) {
    const auto part = static_cast<std::size_t>(bus_partition_of(record.key));
    RESPRING_TRYV(writer_->run(
        "INSERT INTO bus_record (topic, part, pos, rkey, value, headers) VALUES (?,?,?,?,?,?)",
        topic.id, part, next[part], record.key, record.value, text_of_headers(record.headers)));
    ++next[part];
    touched[part] = true;
  }
  const auto head = "INSERT INTO bus_head (topic, part, next) VALUES (?,?,?)" +
                    writer_->dialect().on_conflict_update({"topic", "part"}, {"next"});
  for (std::size_t part = 0; part < kBusPartitions; ++part) {
    if (!touched[part]) continue;
    RESPRING_TRYV(writer_->run(head, topic.id, part, next[part]));
  }
  return transaction.commit();
}

Result<void> EventBus::publish(std::string_view name, const std::vector<chat::BusRecord>& records) {
  const std::lock_guard writing(write_mutex_);
  RESPRING_TRY(auto* topic, topic_named(name));
  auto next = topic->next;  // only publishers change it, and this is the only one now
  auto appended = append(*topic, records, next);
  if (!appended) {
    stale_ = true;
    return std::move(appended).assume_error();
  }
  {
    const std::lock_guard lock(mutex_);
    topic->next = next;
  }
  arrived_.notify_all();
  return success();
}

sql::Result<void> EventBus::add_group(Topic& topic, const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (topic.groups.contains(name)) return success();
  }
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*writer_, sql::Begin::write));
  for (std::size_t part = 0; part < kBusPartitions; ++part) {
    RESPRING_TRYV(writer_->run("INSERT INTO bus_commit (topic, grp, part, pos) VALUES (?,?,?,?)",
                               topic.id, name, part, topic.low[part]));
  }
  RESPRING_TRYV(transaction.commit());
  const std::lock_guard lock(mutex_);
  topic.groups[name].committed = topic.low;
  return success();
}

Result<std::unique_ptr<chat::BusConsumer>> EventBus::subscribe(std::string group,
                                                               std::string name) {
  RESPRING_TRY(auto connection, options_.connect());
  const std::lock_guard writing(write_mutex_);
  RESPRING_TRY(auto* topic, topic_named(name));
  RESPRING_TRYV(add_group(*topic, group));
  const std::lock_guard lock(mutex_);
  if (stopping_) return overloaded("the event bus is stopping");
  auto consumer = std::make_unique<Consumer>(*this, *topic, group, std::move(connection));
  auto& members = topic->groups.find(group)->second;
  members.members.push_back(consumer.get());
  ++members.generation;
  arrived_.notify_all();
  return std::unique_ptr<chat::BusConsumer>(std::move(consumer));
}

sql::Result<void> EventBus::store_commits(const Topic& topic, const std::string& group,
                                          const std::map<int, std::int64_t>& offsets) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(*writer_, sql::Begin::write));
  for (const auto& [part, offset] : offsets) {
    RESPRING_TRYV(
        writer_->run("UPDATE bus_commit SET pos=? WHERE topic=? AND grp=? AND part=? AND "
                     "pos<?",
                     offset, topic.id, group, part, offset));
  }
  return transaction.commit();
}

Result<std::int64_t> EventBus::lag(std::string_view group, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return 0;
  const auto found = topic->second.groups.find(group);
  const auto& behind =
      found == topic->second.groups.end() ? topic->second.low : found->second.committed;
  std::int64_t total = 0;
  for (std::size_t part = 0; part < kBusPartitions; ++part)
    total += topic->second.next[part] - behind[part];
  return total;
}

Result<std::int64_t> EventBus::stored(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return 0;
  std::int64_t total = 0;
  for (std::size_t part = 0; part < kBusPartitions; ++part)
    total += topic->second.next[part] - topic->second.low[part];
  return total;
}

void EventBus::clean_up() {
  std::unique_lock lock(mutex_);
  while (true) {
    committed_.wait(lock, [this] { return stopping_ || to_clean_; });
    if (stopping_) return;
    to_clean_ = false;
    lock.unlock();
    while (clean_up_some()) {
    }
    lock.lock();
  }
}

// One small step, so that publishers never wait long; false when nothing is left to delete.
bool EventBus::clean_up_some() {
  const std::lock_guard writing(write_mutex_);
  std::unique_lock lock(mutex_);
  for (auto& [name, topic] : topics_) {
    if (topic.groups.empty() || stopping_ || stale_) continue;
    for (std::size_t part = 0; part < kBusPartitions; ++part) {
      std::int64_t done = topic.next[part];
      for (const auto& [id, group] : topic.groups) done = std::min(done, group.committed[part]);
      const auto until = std::min(done, topic.low[part] + options_.delete_at_once);
      if (until <= topic.low[part]) continue;
      lock.unlock();
      const auto deleted = writer_->run("DELETE FROM bus_record WHERE topic=? AND part=? AND pos<?",
                                        topic.id, part, until);
      lock.lock();
      if (!deleted) return false;  // the next commit tries again
      topic.low[part] = until;
      return true;
    }
  }
  return false;
}

}  // namespace respring::local
