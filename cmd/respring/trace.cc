#include "respring/trace.h"

#include "chat/ports/event_bus.h"

namespace respring::cmd {
namespace {

constexpr int kMostPlaces = 10;
constexpr int kMostLater = 100;
constexpr int kMostOutboxRows = 10'000;

Result<void> ask_shard(Shards::Shard& shard, Trace& trace) {
  sql::Connection& db = *shard.connection;
  RESPRING_TRY(const auto transaction, sql::Transaction::begin(db, sql::Begin::read));
  RESPRING_TRY(auto message, store::load_message(db, trace.key, trace.seq));
  if (!message) {
    return not_found("seq " + std::to_string(trace.seq) + " of room " + trace.key.room.str() +
                     " is no message; the log ends at " + std::to_string(trace.head));
  }
  trace.message = std::move(*message);
  RESPRING_TRY(trace.later, store::events_about(db, trace.key, trace.seq, kMostLater));
  RESPRING_TRY(trace.readers, store::readership_of(db, trace.key, trace.seq));
  RESPRING_TRY(trace.in_outbox,
               store::outbox_holds(db, trace.key.room, trace.seq, kMostOutboxRows));
  RESPRING_TRY(const auto slots, store::slot_rows(db));
  for (const store::SlotRow& row : slots) {
    if (row.slot == trace.key.slot.value) trace.fence = row;
  }
  return success();
}

Result<void> ask_bus(const Site& site, Trace& trace) {
  const auto bus = open_existing(site.dir, kBusDatabase, true);
  if (!bus && bus.error().code == sql::Errc::unavailable) return success();
  if (!bus) return internal("event log: " + bus.error().detail);
  auto place = local::place_on_bus(*bus.value(), chat::kRoomEventsTopic, trace.key.room, trace.seq);
  if (!place) return internal("event log: " + place.error().detail);
  trace.bus = std::move(place).value();
  return success();
}

Result<void> ask_index(const Site& site, Trace& trace) {
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
  places.emplace_back(key_of(*room), *seq);
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
  RESPRING_TRYV(ask_shard(*room.shard, trace));
  RESPRING_TRYV(ask_bus(site, trace));
  RESPRING_TRYV(ask_index(site, trace));
  return trace;
}

}  // namespace respring::cmd
