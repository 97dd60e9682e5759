#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ops/archive/archive.h"
#include "ops/archive/verify.h"
#include "respring/shard/shard_site.h"
#include "store/archive.h"
#include "store/inspect.h"

namespace respring::cmd {

/// A shard of a site as the archivist sees it. Borrows all it is given.
class ArchiveShard final : public archive::Shard {
 public:
  /// `room`: that one alone.
  ArchiveShard(const ShardSite& site, std::string name, sql::Connection& db,
               store::ArchiveLimits limits, std::optional<RoomId> room = {});

  Result<std::optional<archive::Piece>> next() override;
  Result<void> announce(const archive::Piece& piece) override;
  Result<archive::Fate> commit(const archive::Piece& piece) override;
  Result<std::vector<std::string>> garbage() override;
  Result<void> forget(const std::vector<std::string>& keys) override;

  std::int64_t rooms_done() const { return rooms_done_; }
  /// Rooms that were left alone because their logs are not whole, in a sentence each.
  const std::vector<std::string>& damaged() const { return damaged_; }

 private:
  Result<bool> more_rooms();
  bool is_mine(const store::RoomKey& key) const;
  Result<std::optional<store::Segment>> next_of(const store::RoomEntry& room);
  Error failed(const sql::Failure& failure) const { return as_error(name_, failure); }

  const ShardSite& site_;
  std::string name_;
  sql::Connection& db_;
  store::ArchiveLimits limits_;
  std::optional<RoomId> only_;
  std::deque<store::RoomEntry> rooms_;
  store::RoomKey last_room_{shardmap::Slot{-1}, RoomId{}};
  bool no_more_rooms_ = false;
  Seq after_ = 0;                          // in the first of rooms_
  std::optional<store::Segment> segment_;  // the last piece
  std::int64_t rooms_done_ = 0;
  std::vector<std::string> damaged_;
};

/// What a shard has noted of the archive. Borrows the connection.
class ArchiveNotes final : public archive::Notes {
 public:
  ArchiveNotes(std::string name, sql::Connection& db) : name_(std::move(name)), db_(db) {}

  Result<std::optional<archive::Noted>> next() override;
  Result<std::optional<std::string>> compare(const std::string& object) override;
  Result<std::vector<std::string>> announced() override;
  Result<bool> knows(const std::string& key) override;

 private:
  std::string name_;
  sql::Connection& db_;
  std::optional<store::SegmentRow> row_;
};

}  // namespace respring::cmd
