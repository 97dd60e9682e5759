#include "local/event_bus_consumer.h"

#include <algorithm>

#include "base/json.h"

namespace respring::local {

std::optional<std::string> text_of_headers(const BusHeaders& headers) {
  if (headers.empty()) return std::nullopt;
  json::Writer w;
  w.begin_object();
  for (const auto& [name, value] : headers) w.field(name, value);
  w.end_object();
  return w.take();
}

BusHeaders headers_in(std::string_view text) {
  BusHeaders headers;
  if (text.empty()) return headers;
  const auto parsed = json::parse(text);
  const auto* object = parsed ? parsed.assume_value().as_object() : nullptr;
  if (object == nullptr) return headers;
  for (const auto& [name, value] : *object) {
    if (value.as_string() != nullptr) headers.emplace_back(name, *value.as_string());
  }
  return headers;
}

EventBus::Consumer::~Consumer() {
  const std::lock_guard lock(bus_.mutex_);
  std::erase(group().members, this);
  ++group().generation;
  bus_.arrived_.notify_all();
}

// With the bus's mutex held: whenever somebody comes or goes, everybody starts again behind what
// was committed.
void EventBus::Consumer::follow_members() {
  const auto& all = group();
  if (generation_ == all.generation) return;
  generation_ = all.generation;
  const auto me = std::ranges::find(all.members, this) - all.members.begin();
  const auto count = static_cast<std::ptrdiff_t>(all.members.size());
  mine_.clear();
  for (std::size_t part = 0; part < kBusPartitions; ++part) {
    if (static_cast<std::ptrdiff_t>(part) % count != me) continue;
    mine_.push_back(part);
    positions_[part] = all.committed[part];
  }
}

std::vector<EventBus::Consumer::Range> EventBus::Consumer::unread() {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < mine_.size(); ++i) {
    const auto part = mine_[(turn_ + i) % mine_.size()];
    const auto from = std::max(positions_[part], topic_.low[part]);
    if (from < topic_.next[part]) ranges.push_back({part, from});
  }
  return ranges;
}

Result<std::vector<chat::BusRecord>> EventBus::Consumer::poll(std::size_t max,
                                                              std::chrono::milliseconds wait) {
  std::vector<Range> ranges;
  {
    std::unique_lock lock(bus_.mutex_);
    bus_.arrived_.wait_for(lock, wait, [&] {
      follow_members();
      ranges = unread();
      return bus_.stopping_ || !ranges.empty();
    });
    if (bus_.stopping_) return overloaded("the event bus is stopping");
  }
  std::vector<chat::BusRecord> records;
  for (const auto& range : ranges) {
    if (records.size() >= max) break;
    RESPRING_TRYV(read(range, max - records.size(), records));
  }
  ++turn_;
  return records;
}

sql::Result<void> EventBus::Consumer::read(const Range& range, std::size_t max,
                                           std::vector<chat::BusRecord>& records) {
  if (!connection_->usable()) {
    RESPRING_TRY(connection_, bus_.options_.connect());
  }
  RESPRING_TRY(auto rows, connection_->query("SELECT pos, rkey, value, headers FROM bus_record "
                                             "WHERE topic=? AND part=? AND pos>=? ORDER BY pos "
                                             "LIMIT ?",
                                             topic_.id, range.part, range.from, max));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    chat::BusRecord record;
    record.topic = topic_.name;
    record.partition = static_cast<int>(range.part);
    record.offset = rows.int64(0);
    record.key = rows.text(1);
    record.value = rows.text(2);
    record.headers = headers_in(rows.view(3));
    positions_[range.part] = record.offset + 1;
    records.push_back(std::move(record));
  }
}

Result<void> EventBus::Consumer::commit(const std::vector<chat::BusRecord>& done) {
  std::map<int, std::int64_t> offsets;
  for (const auto& record : done) {
    auto& offset = offsets[record.partition];
    offset = std::max(offset, record.offset + 1);
  }
  if (offsets.empty()) return success();
  const std::lock_guard writing(bus_.write_mutex_);
  RESPRING_TRYV(bus_.topic_named(topic_.name));
  auto stored = bus_.store_commits(topic_, group_, offsets);
  if (!stored) {
    bus_.stale_ = true;
    return std::move(stored).assume_error();
  }
  {
    const std::lock_guard lock(bus_.mutex_);
    auto& committed = group().committed;
    for (const auto& [part, offset] : offsets) {
      auto& at = committed.at(static_cast<std::size_t>(part));
      at = std::max(at, offset);
    }
    bus_.to_clean_ = true;
  }
  bus_.committed_.notify_one();
  return success();
}

}  // namespace respring::local
