#include "respring/search/search_source.h"

#include "local/inspect.h"
#include "services/search/indexer.h"

namespace respring::cmd {
namespace {

store::RoomKey key_of(const reindex::Place& place) {
  return {shardmap::Slot{place.slot}, place.room};
}

}  // namespace

Result<void> SearchSource::add_rooms(int shard, const store::RoomKey& after, std::size_t limit,
                                     std::vector<reindex::Room>& rooms) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(shard)];
  store::RoomKey at = after;
  while (rooms.size() < limit) {
    const int missing = static_cast<int>(limit - rooms.size());
    auto page = store::all_rooms(*connection, at, missing);
    if (!page) return in_shard(name, page.error());
    for (const store::RoomEntry& entry : page.value()) {
      at = entry.key;
      // A shard may still hold a copy of a room that has moved away.
      if (entry.row.closed_at || shards_.map().owner_of(at.slot).shard != shard) continue;
      rooms.push_back(
          {{shard, at.slot.value, at.room}, entry.row.last_seq, entry.row.last_ordinal});
    }
    if (page.value().size() < static_cast<std::size_t>(missing)) return success();
  }
  return success();
}

Result<std::vector<reindex::Room>> SearchSource::rooms(const reindex::Place& after, int limit) {
  std::vector<reindex::Room> rooms;
  const auto most = static_cast<std::size_t>(limit);
  const int count = static_cast<int>(shards_.all().size());
  for (int shard = after.shard; shard < count && rooms.size() < most; ++shard) {
    const store::RoomKey from =
        shard == after.shard ? key_of(after) : store::RoomKey{shardmap::Slot{-1}, RoomId{}};
    RESPRING_TRYV(add_rooms(shard, from, most, rooms));
  }
  return rooms;
}

Result<SearchSource::Extent> SearchSource::extent() {
  constexpr int kPage = 1000;
  Extent extent;
  reindex::Place after;
  while (true) {
    RESPRING_TRY(const auto page, rooms(after, kPage));
    for (const reindex::Room& room : page) {
      after = room.place;
      ++extent.rooms;
      extent.messages += room.messages;
    }
    if (page.size() < kPage) return extent;
  }
}

Result<std::vector<chat::SearchDocument>> SearchSource::documents(const reindex::Room& room,
                                                                  Seq after, int limit) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(room.place.shard)];
  const auto messages = store::all_messages(*connection, key_of(room.place), after, limit);
  if (!messages) return in_shard(name, messages.error());
  std::vector<chat::SearchDocument> documents;
  documents.reserve(messages.value().size());
  for (const chat::Message& message : messages.value())
    documents.push_back(search::document_of(message));
  return documents;
}

Result<std::int64_t> SearchSource::live(const reindex::Room& room) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(room.place.shard)];
  const auto count = store::count_live(*connection, key_of(room.place));
  if (!count) return in_shard(name, count.error());
  return count.value();
}

Result<bool> SearchSource::is_open(RoomId room) {
  const auto found = find_room(shards_, room);
  if (!found && found.error().code == ErrorCode::not_found) return false;
  if (!found) return found.error();
  return !found.value().entry.row.closed_at;
}

Result<std::vector<RoomId>> SearchSource::leftovers(RoomId after, int limit) {
  std::vector<RoomId> rooms;
  while (rooms.empty()) {
    RESPRING_TRY(const auto page, local::indexed_rooms(index_, after, limit));
    if (page.empty()) break;
    for (const RoomId room : page) {
      RESPRING_TRY(const bool open, is_open(room));
      if (!open) rooms.push_back(room);
    }
    after = page.back();
  }
  return rooms;
}

Result<std::int64_t> SearchSource::count(RoomId room) {
  RESPRING_TRY(const std::int64_t count, local::indexed_count(index_, room));
  return count;
}

Result<std::optional<reindex::Indexed::Entry>> SearchSource::find(RoomId room, Seq seq) {
  RESPRING_TRY(const auto found, local::indexed_message(index_, room, seq));
  if (!found) return std::optional<Entry>();
  return std::optional<Entry>(Entry{found->version, found->live});
}

}  // namespace respring::cmd
