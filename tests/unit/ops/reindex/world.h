#pragma once

#include <map>

#include "ops/reindex/verify.h"

namespace respring::reindex {

using Documents = std::map<Seq, chat::SearchDocument>;

/// Room logs and an index in memory.
class World final : public Source, public Indexed, public chat::SearchIndex {
 public:
  std::map<Place, Documents> logs;
  std::map<RoomId, Documents> index;
  std::vector<RoomId> cleared;
  int writes_until_failure = -1;  ///< then each fails; below 0 none does

  Place add_room(int shard, int slot, std::int64_t id, int messages) {
    const Place place{shard, slot, RoomId{id}};
    for (Seq seq = 2; seq < 2 + messages; ++seq) {
      chat::SearchDocument document;
      document.room = place.room;
      document.seq = seq;
      document.text = "text";
      logs[place][seq] = document;
    }
    logs[place];
    return place;
  }

  Result<std::vector<Room>> rooms(const Place& after, int limit) override {
    std::vector<Room> page;
    for (auto it = logs.upper_bound(after); it != logs.end(); ++it) {
      if (page.size() == static_cast<std::size_t>(limit)) break;
      const Seq last = it->second.empty() ? 1 : it->second.rbegin()->first;
      page.push_back({it->first, last, static_cast<std::int64_t>(it->second.size())});
    }
    return page;
  }
  Result<std::vector<chat::SearchDocument>> documents(const Room& room, Seq after,
                                                      int limit) override {
    std::vector<chat::SearchDocument> page;
    const Documents& log = logs.at(room.place);
    for (auto it = log.upper_bound(after); it != log.end(); ++it) {
      if (page.size() == static_cast<std::size_t>(limit)) break;
      page.push_back(it->second);
    }
    return page;
  }
  Result<std::int64_t> live(const Room& room) override { return live_in(logs.at(room.place)); }
  Result<std::vector<RoomId>> leftovers(RoomId after, int limit) override {
    std::vector<RoomId> page;
    for (const auto& [room, documents] : index) {
      if (room <= after || documents.empty() || has_log(room)) continue;
      if (page.size() < static_cast<std::size_t>(limit)) page.push_back(room);
    }
    return page;
  }

  Result<std::int64_t> count(RoomId room) override { return live_in(index[room]); }
  Result<std::optional<Entry>> find(RoomId room, Seq seq) override {
    const auto found = index[room].find(seq);
    if (found == index[room].end()) return std::optional<Entry>();
    return std::optional<Entry>(Entry{found->second.version, found->second.text.has_value()});
  }

  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    if (writes_until_failure == 0) return internal("the disk is full");
    --writes_until_failure;
    for (const auto& document : documents) index[document.room][document.seq] = document;
    return success();
  }
  Result<void> clear(RoomId room) override {
    cleared.push_back(room);
    index[room].clear();
    return success();
  }
  Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery) override {
    co_return std::vector<chat::SearchHit>();
  }

  /// Whether the index holds the logs and nothing else.
  bool is_whole() const {
    std::size_t indexed = 0;
    for (const auto& [room, documents] : index) indexed += documents.size();
    for (const auto& [place, log] : logs) {
      const auto found = index.find(place.room);
      if (log.empty()) continue;
      if (found == index.end() || found->second.size() != log.size()) return false;
      indexed -= log.size();
    }
    return indexed == 0;
  }

 private:
  bool has_log(RoomId room) const {
    for (const auto& [place, log] : logs) {
      if (place.room == room) return true;
    }
    return false;
  }
  static std::int64_t live_in(const Documents& documents) {
    std::int64_t live = 0;
    for (const auto& [seq, document] : documents) live += document.text ? 1 : 0;
    return live;
  }
};

}  // namespace respring::reindex
