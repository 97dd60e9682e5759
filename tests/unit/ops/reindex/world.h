#pragma once

#include <map>
#include <mutex>

#include "ops/reindex/rebuild.h"

namespace respring::reindex {

using Documents = std::map<Seq, chat::SearchDocument>;

/// Room logs and an index in memory. Calls come from several threads, as those of the scan do, and
/// each sees what others wrote whole or not at all; the maps themselves are for when none runs.
class World final : public Source, public Target {
 public:
  std::map<Place, Documents> logs;
  std::map<RoomId, Documents> index;
  std::vector<RoomId> cleared;
  std::size_t written = 0;        ///< documents, each time again
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
  /// One more message in the room's log.
  chat::SearchDocument send(const Place& place, UserId sender, std::string text) {
    const std::lock_guard lock(mutex_);
    Documents& log = logs[place];
    chat::SearchDocument document;
    document.room = place.room;
    document.seq = log.empty() ? 2 : log.rbegin()->first + 1;
    document.sender = sender;
    document.text = std::move(text);
    log[document.seq] = document;
    return document;
  }
  void erase(const Place& place, Seq seq) {
    const std::lock_guard lock(mutex_);
    chat::SearchDocument& document = logs.at(place).at(seq);
    document.text.reset();
    ++document.version;
  }

  Result<std::vector<Room>> rooms(const Place& after, int limit) override {
    const std::lock_guard lock(mutex_);
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
    const std::lock_guard lock(mutex_);
    std::vector<chat::SearchDocument> page;
    const Documents& log = logs.at(room.place);
    for (auto it = log.upper_bound(after); it != log.end(); ++it) {
      if (page.size() == static_cast<std::size_t>(limit)) break;
      page.push_back(it->second);
    }
    return page;
  }
  Result<Page> page(const Mark& after, int limit) override {
    const std::lock_guard lock(mutex_);
    Page page;
    page.end = after;
    for (const auto& [place, log] : logs) {
      for (const auto& [seq, document] : log) {
        if (Mark{place, seq} <= after) continue;
        if (page.documents.size() == static_cast<std::size_t>(limit)) return page;
        page.documents.push_back(document);
        page.end = {place, seq};
      }
    }
    page.last = true;
    return page;
  }
  Result<std::optional<chat::SearchDocument>> document(RoomId room, Seq seq) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [place, log] : logs) {
      if (place.room == room && log.contains(seq)) return std::optional(log.at(seq));
    }
    return std::optional<chat::SearchDocument>();
  }
  Result<std::int64_t> live(const Room& room) override {
    const std::lock_guard lock(mutex_);
    return live_in(logs.at(room.place), room.last_seq);
  }
  Result<std::vector<RoomId>> leftovers(RoomId after, int limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<RoomId> page;
    for (const auto& [room, documents] : index) {
      if (room <= after || documents.empty() || has_log(room)) continue;
      if (page.size() < static_cast<std::size_t>(limit)) page.push_back(room);
    }
    return page;
  }

  Result<std::int64_t> count(RoomId room) override {
    const std::lock_guard lock(mutex_);
    return live_in(index[room], kMaxSeq);
  }
  Result<std::vector<std::int64_t>> counts(const std::vector<Room>& rooms) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> counts;
    for (const Room& room : rooms) counts.push_back(live_in(index[room.place.room], room.last_seq));
    return counts;
  }
  Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::optional<Entry>> entries;
    for (const auto& [room, seq] : messages) {
      const auto found = index[room].find(seq);
      if (found == index[room].end()) {
        entries.emplace_back();
      } else {
        entries.push_back(Entry{found->second.version, found->second.text});
      }
    }
    return entries;
  }
  Result<void> refresh() override { return success(); }

  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    const std::lock_guard lock(mutex_);
    if (writes_until_failure == 0) return internal("the disk is full");
    --writes_until_failure;
    written += documents.size();
    for (const auto& document : documents) {
      auto& entry = index[document.room][document.seq];
      if (entry.seq == 0 || entry.version <= document.version) entry = document;
    }
    return success();
  }
  Result<void> clear(RoomId room) override {
    const std::lock_guard lock(mutex_);
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
  static constexpr Seq kMaxSeq = std::numeric_limits<Seq>::max();
  static std::int64_t live_in(const Documents& documents, Seq last) {
    std::int64_t live = 0;
    for (const auto& [seq, document] : documents) live += document.text && seq <= last ? 1 : 0;
    return live;
  }

  std::mutex mutex_;
};

}  // namespace respring::reindex
