#include "local/inspect.h"

#include "base/json.h"
#include "local/event_bus.h"

namespace respring::local {
namespace {

sql::Result<std::int64_t> number(sql::Rows rows) {
  RESPRING_TRY(const bool found, rows.next());
  return found ? rows.int64(0) : 0;
}

/// The position of the record, if it is kept.
sql::Result<std::optional<std::int64_t>> offset_of(sql::Connection& bus, std::string_view topic,
                                                   int partition, const std::string& key, Seq seq) {
  RESPRING_TRY(auto rows, bus.query("SELECT r.pos, r.value FROM bus_record r JOIN bus_topic t ON "
                                    "t.topic=r.topic WHERE t.name=? AND r.part=? AND r.rkey=? "
                                    "ORDER BY r.pos",
                                    topic, partition, std::string_view(key)));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return std::optional<std::int64_t>();
    const auto event = json::parse(rows.view(1));
    if (event && event.assume_value().int_or("seq") == seq)
      return std::optional<std::int64_t>(rows.int64(0));
  }
}

}  // namespace

sql::Result<std::vector<GroupLag>> group_lags(sql::Connection& bus) {
  RESPRING_TRY(auto rows,
               bus.query("SELECT t.name, c.grp, sum(max(coalesce(h.next, 0) - c.pos, 0)) "
                         "FROM bus_commit c JOIN bus_topic t ON t.topic=c.topic LEFT JOIN "
                         "bus_head h ON h.topic=c.topic AND h.part=c.part GROUP BY "
                         "t.name, c.grp ORDER BY t.name, c.grp"));
  std::vector<GroupLag> lags;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return lags;
    lags.push_back({rows.text(0), rows.text(1), rows.int64(2)});
  }
}

sql::Result<BusPlace> place_on_bus(sql::Connection& bus, std::string_view topic, RoomId room,
                                   Seq seq) {
  BusPlace place;
  const std::string key = room.str();
  place.partition = bus_partition_of(key);
  RESPRING_TRY(place.offset, offset_of(bus, topic, place.partition, key, seq));
  RESPRING_TRY(auto rows,
               bus.query("SELECT c.grp, c.pos, coalesce(h.next, 0) FROM bus_commit c JOIN "
                         "bus_topic t ON t.topic=c.topic LEFT JOIN bus_head h ON "
                         "h.topic=c.topic AND h.part=c.part WHERE t.name=? AND c.part=? "
                         "ORDER BY c.grp",
                         topic, place.partition));
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return place;
    const std::int64_t behind = std::max<std::int64_t>(rows.int64(2) - rows.int64(1), 0);
    place.groups.push_back({std::string(topic), rows.text(0), behind});
    if (place.offset && *place.offset >= rows.int64(1)) place.pending.push_back(rows.text(0));
  }
}

sql::Result<std::optional<IndexedMessage>> indexed_message(sql::Connection& index, RoomId room,
                                                           Seq seq) {
  RESPRING_TRY(auto rows, index.query("SELECT version, text FROM search_document WHERE "
                                      "room=? AND seq=?",
                                      room, seq));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return std::optional<IndexedMessage>();
  return std::optional<IndexedMessage>({rows.int64(0), rows.maybe_text(1)});
}

sql::Result<std::int64_t> indexed_count(sql::Connection& index, RoomId room, Seq last) {
  RESPRING_TRY(auto rows,
               index.query("SELECT count(*) FROM search_document WHERE room=? AND seq<=? AND "
                           "text IS NOT NULL",
                           room, last));
  return number(std::move(rows));
}

sql::Result<std::int64_t> indexed_total(sql::Connection& index) {
  RESPRING_TRY(auto rows,
               index.query("SELECT count(*) FROM search_document WHERE text IS NOT NULL"));
  return number(std::move(rows));
}

sql::Result<std::vector<RoomId>> indexed_rooms(sql::Connection& index, RoomId after, int limit) {
  RESPRING_TRY(auto rows,
               index.query("SELECT DISTINCT room FROM search_document WHERE room>? ORDER "
                           "BY room LIMIT ?",
                           after, limit));
  std::vector<RoomId> rooms;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return rooms;
    rooms.push_back(rows.id<RoomId>(0));
  }
}

}  // namespace respring::local
