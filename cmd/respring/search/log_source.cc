#include "respring/search/log_source.h"

#include <algorithm>
#include <tuple>

#include "services/search/indexer.h"

namespace respring::cmd {
namespace {

store::RoomKey key_of(const reindex::Place& place) {
  return {shardmap::Slot{place.slot}, place.room};
}

}  // namespace

Result<void> LogSource::add_rooms(int shard, const store::RoomKey& after, std::size_t limit,
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
      if (entry.row.closed_at || !shards_.are_valid(at, shard)) continue;
      rooms.push_back(
          {{shard, at.slot.value, at.room}, entry.row.last_seq, entry.row.last_ordinal});
    }
    if (page.value().size() < static_cast<std::size_t>(missing)) return success();
  }
  return success();
}

Result<std::vector<reindex::Room>> LogSource::rooms(const reindex::Place& after, int limit) {
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

Result<LogSource::Extent> LogSource::extent() {
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

Result<std::vector<chat::SearchDocument>> LogSource::documents(const reindex::Room& room, Seq after,
                                                               int limit) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(room.place.shard)];
  const auto messages = store::with_segments(shards_.archive(), [&](store::SegmentsAtHand& hand) {
    return store::all_messages(*connection, key_of(room.place), after, limit, hand);
  });
  if (!messages) return in_shard(name, messages.error());
  std::vector<chat::SearchDocument> documents;
  documents.reserve(messages.value().size());
  for (const chat::Message& message : messages.value())
    documents.push_back(search::document_of(message));
  return documents;
}

/// Those of them whose room is open and this shard's.
Result<void> LogSource::add_documents(int shard, const std::vector<store::WalkedMessage>& messages,
                                      reindex::Page& page) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(shard)];
  const auto closed =
      store::closed_rooms(*connection, messages.front().key.slot, messages.back().key.slot);
  if (!closed) return in_shard(name, closed.error());
  for (const auto& [key, message] : messages) {
    page.end = {{shard, key.slot.value, key.room}, message.seq};
    if (!shards_.are_valid(key, shard)) continue;
    if (std::ranges::binary_search(closed.value(), key.room)) continue;
    page.documents.push_back(search::document_of(message));
  }
  return success();
}

Result<void> LogSource::add_segment(int shard, const store::SegmentRow& row, reindex::Page& page) {
  const auto segment = store::with_segments(
      shards_.archive(), [&](store::SegmentsAtHand& hand) -> Result<std::vector<chat::Message>> {
        std::vector<chat::Message> messages;
        const store::Segment* found = hand.find(row);
        if (found == nullptr) return store::archive_needed();
        for (const auto& copy : found->messages) messages.push_back(store::message_of(copy));
        return messages;
      });
  if (!segment)
    return in_shard(shards_.all()[static_cast<std::size_t>(shard)].name, segment.error());
  std::vector<store::WalkedMessage> messages;
  for (const auto& message : segment.value()) messages.push_back({row.key, message});
  if (!messages.empty()) {
    RESPRING_TRYV(add_documents(shard, messages, page));
  }
  page.end = {{shard, row.key.slot.value, row.key.room}, row.last_seq};
  return success();
}

// What is archived lies between the rows: a segment comes when the walk is at its place.
Result<bool> LogSource::add_next(int shard, int limit, reindex::Page& page) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(shard)];
  const auto from = key_of(page.end.place);
  const auto segment = store::next_segment(*connection, from, page.end.seq);
  if (!segment) return in_shard(name, segment.error());
  auto messages = store::walk_messages(*connection, from, page.end.seq, limit);
  if (!messages) return in_shard(name, messages.error());
  auto& rows = messages.value();
  const bool more = static_cast<int>(rows.size()) >= limit;
  if (segment.value()) {
    const auto& row = *segment.value();
    const auto place = std::tuple(row.key.slot, row.key.room, row.first_seq);
    std::erase_if(rows, [&](const store::WalkedMessage& walked) {
      return std::tuple(walked.key.slot, walked.key.room, walked.message.seq) > place;
    });
    if (rows.empty()) {
      RESPRING_TRYV(add_segment(shard, row, page));
      return true;
    }
  }
  if (!rows.empty()) {
    RESPRING_TRYV(add_documents(shard, rows, page));
  }
  return more || segment.value().has_value();
}

Result<reindex::Page> LogSource::page(const reindex::Mark& after, int limit) {
  reindex::Page page;
  page.end = after;
  const auto enough = static_cast<std::size_t>(limit);
  while (page.documents.size() < enough) {
    const int shard = page.end.place.shard;
    if (shard >= static_cast<int>(shards_.all().size())) {
      page.last = true;
      break;
    }
    const int missing = static_cast<int>(enough - page.documents.size());
    RESPRING_TRY(const bool more, add_next(shard, missing, page));
    if (!more) page.end = {{shard + 1, -1, RoomId{}}, 0};
  }
  return page;
}

Result<std::optional<chat::SearchDocument>> LogSource::document(RoomId room, Seq seq) {
  const auto found = find_room(shards_, room);
  if (!found && found.error().code == ErrorCode::not_found)
    return std::optional<chat::SearchDocument>();
  if (!found) return found.error();
  const FoundRoom& at = found.value();
  if (at.entry.row.closed_at) return std::optional<chat::SearchDocument>();
  const auto messages = store::with_segments(shards_.archive(), [&](store::SegmentsAtHand& hand) {
    return store::all_messages(*at.shard->connection, at.entry.key, seq - 1, 1, hand);
  });
  if (!messages) return in_shard(at.shard->name, messages.error());
  if (messages.value().empty() || messages.value().front().seq != seq)
    return std::optional<chat::SearchDocument>();
  return std::optional(search::document_of(messages.value().front()));
}

Result<std::int64_t> LogSource::live(const reindex::Room& room) {
  auto& [name, connection] = shards_.all()[static_cast<std::size_t>(room.place.shard)];
  const auto count = store::count_live(*connection, key_of(room.place), room.last_seq);
  if (!count) return in_shard(name, count.error());
  return count.value();
}

Result<bool> LogSource::is_open(RoomId room) {
  const auto found = find_room(shards_, room);
  if (!found && found.error().code == ErrorCode::not_found) return false;
  if (!found) return found.error();
  return !found.value().entry.row.closed_at;
}

Result<std::vector<RoomId>> LogSource::leftovers(RoomId after, int limit) {
  std::vector<RoomId> rooms;
  while (rooms.empty() && indexed_) {
    RESPRING_TRY(const auto page, indexed_(after, limit));
    if (page.empty()) break;
    for (const RoomId room : page) {
      RESPRING_TRY(const bool open, is_open(room));
      if (!open) rooms.push_back(room);
    }
    after = page.back();
  }
  return rooms;
}

}  // namespace respring::cmd
