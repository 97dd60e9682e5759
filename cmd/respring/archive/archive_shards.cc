#include "respring/archive/archive_shards.h"

namespace respring::cmd {
namespace {

constexpr int kRoomsAtOnce = 500;
constexpr int kGarbageAtOnce = 100;
/// From announcing an object to committing it; writing 8 MiB takes seconds.
constexpr std::chrono::hours kPatience{1};

archive::Fate fate_of(store::Archiving outcome) {
  switch (outcome) {
    case store::Archiving::done:
      return archive::Fate::archived;
    case store::Archiving::changed:
      return archive::Fate::changed;
    case store::Archiving::moving:
      return archive::Fate::moving;
    case store::Archiving::late:
      return archive::Fate::late;
  }
  return archive::Fate::changed;
}

}  // namespace

ArchiveShard::ArchiveShard(const ShardSite& site, std::string name, sql::Connection& db,
                           store::ArchiveLimits limits, std::optional<RoomId> room)
    : site_(site), name_(std::move(name)), db_(db), limits_(limits), only_(room) {}

// A shard may still hold a copy of a room that has moved away.
bool ArchiveShard::is_mine(const store::RoomKey& key) const {
  if (only_ && key.room != *only_) return false;
  return site_.map.slot_of(key.room) == key.slot &&
         site_.map.name_of(site_.map.owner_of(key.slot)) == name_;
}

Result<bool> ArchiveShard::more_rooms() {
  while (rooms_.empty() && !no_more_rooms_) {
    const auto page = store::all_rooms(db_, last_room_, kRoomsAtOnce);
    if (!page) return failed(page.error());
    for (const auto& room : page.value()) {
      last_room_ = room.key;
      ++rooms_done_;
      if (is_mine(room.key)) rooms_.push_back(room);
    }
    no_more_rooms_ = page.value().size() < kRoomsAtOnce;
  }
  return !rooms_.empty();
}

Result<std::optional<store::Segment>> ArchiveShard::next_of(const store::RoomEntry& room) {
  const auto view = sql::Transaction::begin(db_, sql::Begin::read);
  if (!view) return failed(view.error());
  auto segment = store::next_to_archive(db_, room.key, room.row, after_, limits_);
  if (segment) return std::move(segment).value();
  if (segment.error().code != sql::Errc::corrupt) return failed(segment.error());
  damaged_.push_back(segment.error().detail);
  return std::optional<store::Segment>();
}

Result<std::optional<archive::Piece>> ArchiveShard::next() {
  while (true) {
    RESPRING_TRY(const bool more, more_rooms());
    if (!more) return std::optional<archive::Piece>();
    RESPRING_TRY(segment_, next_of(rooms_.front()));
    if (segment_) break;
    rooms_.pop_front();
    after_ = 0;
  }
  after_ = segment_->last_seq;
  return std::optional(archive::Piece{segment_->room, segment_->first_seq, segment_->last_seq,
                                      static_cast<std::int64_t>(segment_->messages.size()),
                                      store::object_key_of(*segment_), store::encode(*segment_)});
}

Result<void> ArchiveShard::announce(const archive::Piece& piece) {
  const auto noted = store::announce_object(db_, piece.key, site_.clock.now() + kPatience);
  if (!noted) return failed(noted.error());
  return success();
}

Result<archive::Fate> ArchiveShard::commit(const archive::Piece& piece) {
  const store::StoredObject object{piece.key, store::sha256_of(piece.object),
                                   static_cast<std::int64_t>(piece.object.size())};
  const auto outcome =
      store::archive_segment(db_, rooms_.front().key, *segment_, object, site_.clock.now());
  // Somebody holds the room: so it is with everything that is in use.
  if (!outcome && outcome.error().code == sql::Errc::busy) return archive::Fate::changed;
  if (!outcome) return failed(outcome.error());
  return fate_of(outcome.value());
}

Result<std::vector<std::string>> ArchiveShard::garbage() {
  auto keys = store::claim_garbage(db_, site_.clock.now(), kGarbageAtOnce);
  if (!keys) return failed(keys.error());
  return std::move(keys).value();
}

Result<void> ArchiveShard::forget(const std::vector<std::string>& keys) {
  const auto forgotten = store::forget_garbage(db_, keys);
  if (!forgotten) return failed(forgotten.error());
  return success();
}

Result<std::optional<archive::Noted>> ArchiveNotes::next() {
  const auto from = row_ ? row_->key : store::RoomKey{shardmap::Slot{-1}, RoomId{}};
  auto row = store::next_segment(db_, from, row_ ? row_->last_seq : 0);
  if (!row) return as_error(name_, row.error());
  row_ = std::move(row).value();
  if (!row_) return std::optional<archive::Noted>();
  return std::optional(archive::Noted{row_->key.room, row_->first_seq, row_->last_seq,
                                      row_->object_key, row_->bytes});
}

Result<std::optional<std::string>> ArchiveNotes::compare(const std::string& object) {
  const auto segment = store::read_object(object, *row_);
  if (!segment) return std::optional(segment.error().detail);
  auto remembered = store::compare_remembered(db_, *row_, segment.value());
  if (!remembered) return as_error(name_, remembered.error());
  return std::move(remembered).value();
}

Result<std::vector<std::string>> ArchiveNotes::announced() {
  auto keys = store::all_garbage(db_);
  if (!keys) return as_error(name_, keys.error());
  return std::move(keys).value();
}

Result<bool> ArchiveNotes::knows(const std::string& key) {
  const auto known = store::knows_object(db_, key);
  if (!known) return as_error(name_, known.error());
  return known.value();
}

}  // namespace respring::cmd
