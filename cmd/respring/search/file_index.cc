#include "respring/search/file_index.h"

#include "local/inspect.h"

namespace respring::cmd {

Result<std::vector<std::int64_t>> FileIndex::counts(const std::vector<reindex::Room>& rooms) {
  std::vector<std::int64_t> counts;
  for (const reindex::Room& room : rooms) {
    RESPRING_TRY(const auto count, local::indexed_count(index_, room.place.room, room.last_seq));
    counts.push_back(count);
  }
  return counts;
}

Result<std::vector<std::optional<reindex::Indexed::Entry>>> FileIndex::find(
    const std::vector<chat::SearchHit>& messages) {
  std::vector<std::optional<Entry>> entries;
  for (const auto& [room, seq] : messages) {
    RESPRING_TRY(auto found, local::indexed_message(index_, room, seq));
    auto& entry = entries.emplace_back();
    if (found) entry = Entry{found->version, std::move(found->text)};
  }
  return entries;
}

LogSource::IndexedRooms FileIndex::rooms() {
  return [this](RoomId after, int limit) -> Result<std::vector<RoomId>> {
    RESPRING_TRY(auto rooms, local::indexed_rooms(index_, after, limit));
    return rooms;
  };
}

}  // namespace respring::cmd
