#include "respring/trace.h"

#include "base/json.h"
#include "chat/ports/event_bus.h"
#include "elasticsearch/search_index.h"
#include "kafka/reader.h"
#include "respring/progress.h"
#include "store/whole_log.h"

namespace respring::cmd {
namespace {

constexpr int kMostPlaces = 10;
constexpr int kMostLater = 100;
constexpr int kMostOutboxRows = 10'000;

/// The first of what became of the message, and of the rest that there may be more.
Result<void> ask_later(sql::Connection& db, Seq archived, Trace& trace) {
  RESPRING_TRY(trace.later, store::events_about(db, trace.key, trace.seq, kMostLater + 1));
  if (trace.later.size() > kMostLater) {
    trace.later.resize(kMostLater);
    trace.not_listed = "those behind the first " + std::to_string(kMostLater);
  } else if (archived > trace.seq) {
    trace.not_listed = "any that are archived; the archive ends at seq " + std::to_string(archived);
  }
  return success();
}

/// An outbox that grew while nobody published is not read to its end, and that is said.
Result<void> ask_outbox(sql::Connection& db, Trace& trace) {
  RESPRING_TRY(const bool waits,
               store::outbox_holds(db, trace.key.room, trace.seq, kMostOutboxRows));
  RESPRING_TRY(const auto state, store::outbox_state(db));
  if (waits || state.rows <= kMostOutboxRows) {
    trace.in_outbox = waits;
    return success();
  }
  std::string blind = "the outbox of " + trace.shard + " has " + with_commas(state.rows);
  blind += " rows; the message is not among the first " + with_commas(kMostOutboxRows);
  trace.blind.push_back(std::move(blind));
  return success();
}

Result<void> ask_shard(Shards& shards, const FoundRoom& room, Trace& trace) {
  sql::Connection& db = *room.shard->connection;
  RESPRING_TRY(const auto transaction, sql::Transaction::begin(db, sql::Begin::read));
  RESPRING_TRY(auto message,
               store::with_segments(shards.archive(), [&](store::SegmentsAtHand& hand) {
                 const store::WholeLog log(db, trace.key, room.entry.row.archived_seq, hand);
                 return log.message(trace.seq);
               }));
  if (!message) {
    return not_found("seq " + std::to_string(trace.seq) + " of room " + trace.key.room.str() +
                     " is no message; the log ends at " + std::to_string(trace.head));
  }
  trace.message = std::move(*message);
  RESPRING_TRYV(ask_later(db, room.entry.row.archived_seq, trace));
  RESPRING_TRY(trace.readers, store::readership_of(db, trace.key, trace.seq));
  RESPRING_TRYV(ask_outbox(db, trace));
  RESPRING_TRY(const auto slots, store::slot_rows(db));
  for (const store::SlotRow& row : slots) {
    if (row.slot == trace.key.slot.value) trace.fence = row;
  }
  return success();
}

/// The offset of the message's event, among those from about when it was sent on.
Result<std::optional<std::int64_t>> offset_on(kafka::Reader& reader, std::size_t partition,
                                              const Trace& trace) {
  constexpr std::chrono::seconds kSlack{5};  // clocks differ
  constexpr std::int64_t kMostRecords = 50'000;
  constexpr std::chrono::seconds kPatience{10};
  RESPRING_TRY(const auto since, reader.since(trace.message.created_at - kSlack));
  RESPRING_TRY(const auto end, reader.end());
  auto from = end;
  auto until = end;
  from[partition] = since.at(partition);
  until[partition] = std::min(end[partition], since[partition] + kMostRecords);
  const std::string key = trace.key.room.str();
  while (true) {
    RESPRING_TRY(const auto records, reader.read(from, until, 1000, kPatience));
    if (records.empty() && until[partition] < end[partition]) {
      std::string what = "event log: not among the ";
      what += with_commas(kMostRecords) + " records of partition " + std::to_string(partition);
      return not_found(what + " since it was sent; what came later was not looked at");
    }
    if (records.empty()) return std::optional<std::int64_t>();
    for (const chat::BusRecord& record : records) {
      if (record.key != key) continue;
      const auto event = json::parse(record.value);
      if (event && event.value().int_or("seq") == trace.seq) return std::optional(record.offset);
    }
  }
}

Result<void> ask_cluster(const Site& site, Trace& trace) {
  RESPRING_TRY(const auto options, cluster_of(site.settings));
  RESPRING_TRY(const auto reader,
               kafka::Reader::open(options, std::string(chat::kRoomEventsTopic)));
  const auto partition = static_cast<std::size_t>(reader->partition_of(trace.key.room.str()));
  local::BusPlace place;
  place.partition = static_cast<int>(partition);
  trace.bus_keeps_by_time = true;
  RESPRING_TRY(place.offset, offset_on(*reader, partition, trace));
  RESPRING_TRY(const auto end, reader->end());
  for (const char* group : {"room-lists", "search-index"}) {
    RESPRING_TRY(const auto committed, reader->committed(group));
    const std::int64_t at = committed.at(partition);
    place.groups.push_back({std::string(chat::kRoomEventsTopic), group, end.at(partition) - at});
    if (place.offset && *place.offset >= at) place.pending.emplace_back(group);
  }
  trace.bus = std::move(place);
  return success();
}

Result<void> ask_bus(const Site& site, Trace& trace) {
  if (has_cluster(site.settings)) return ask_cluster(site, trace);
  const auto bus = open_existing(site.dir, kBusDatabase, true);
  if (!bus && bus.error().code == sql::Errc::unavailable) return success();
  if (!bus) return internal("event log: " + bus.error().detail);
  auto place = local::place_on_bus(*bus.value(), chat::kRoomEventsTopic, trace.key.room, trace.seq);
  if (!place) return internal("event log: " + place.error().detail);
  trace.bus = std::move(place).value();
  return success();
}

Result<void> ask_engine(const Site& site, Trace& trace) {
  RESPRING_TRY(auto options, engine_of(site.settings));
  const auto index = elasticsearch::make_search_index(std::move(options));
  RESPRING_TRY(auto found, index->find(trace.key.room, trace.seq));
  trace.index_known = true;
  if (found) trace.indexed = local::IndexedMessage{found->version, std::move(found->text)};
  return success();
}

Result<void> ask_index(const Site& site, Trace& trace) {
  if (has_engine(site.settings)) return ask_engine(site, trace);
  const auto index = open_existing(site.dir, kSearchDatabase, true);
  if (!index && index.error().code == sql::Errc::unavailable) return success();
  if (!index) return internal("search index: " + index.error().detail);
  const auto found = local::indexed_message(*index.value(), trace.key.room, trace.seq);
  if (!found) return internal("search index: " + found.error().detail);
  trace.index_known = true;
  trace.indexed = found.value();
  return success();
}

}  // namespace

Result<std::vector<std::pair<store::RoomKey, Seq>>> places_of(Shards& shards,
                                                              const std::string& message) {
  std::vector<std::pair<store::RoomKey, Seq>> places;
  if (const auto cid = Uuid::parse(message)) {
    for (Shards::Shard& shard : shards.all()) {
      const auto found = store::places_of_cid(*shard.connection, *cid, kMostPlaces);
      if (!found) return in_shard(shard.name, found.error());
      places.insert(places.end(), found.value().begin(), found.value().end());
    }
    if (places.empty()) return not_found("no shard has a message with the cid " + message);
    return places;
  }
  const auto colon = std::min(message.find(':'), message.size());
  const auto room = RoomId::parse(message.substr(0, colon));
  const auto seq = parse_id(message.substr(std::min(colon + 1, message.size())));
  if (!room || !seq) return invalid("'" + message + "' is neither ROOM:SEQ nor a cid");
  places.emplace_back(shards.key_of(*room), *seq);
  return places;
}

Result<Trace> trace_message(const Site& site, Shards& shards, const store::RoomKey& key, Seq seq) {
  RESPRING_TRY(const FoundRoom room, find_room(shards, key.room));
  Trace trace;
  trace.key = key;
  trace.seq = seq;
  trace.shard = room.shard->name;
  trace.room_epoch = room.entry.row.epoch;
  trace.head = room.entry.row.last_seq;
  trace.room_closed = room.entry.row.closed_at.has_value();
  RESPRING_TRYV(ask_shard(shards, room, trace));
  // A server that is away hides its part, not the rest.
  if (const auto asked = ask_bus(site, trace); !asked) trace.blind.push_back(asked.error().detail);
  if (const auto asked = ask_index(site, trace); !asked)
    trace.blind.push_back(asked.error().detail);
  return trace;
}

}  // namespace respring::cmd
