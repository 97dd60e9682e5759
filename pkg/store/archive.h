#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/archive_rows.h"
#include "store/segment.h"

/// How events leave the tables for the blob store, and come back. An object's key stands in
/// archive_garbage from before it is written until its segment is committed, and again from when
/// the segment has gone: whatever dies in between, that list names every object nobody needs.
/// Blocking.
namespace respring::store {

struct ArchiveLimits {
  Time older_than{};                     ///< only events from before
  std::int64_t events = 1000;            ///< of a segment, at most kMostSegmentEvents
  std::int64_t bytes = 8 * 1024 * 1024;  ///< of its rows; one event is always taken
  std::int64_t keep = 200;               ///< a room's newest events stay, and its newest message
};

/// The room's first whole range behind `after` that may go, as it is now; nothing when there is
/// none. Inside one read transaction of the caller. `corrupt` when the room's log has a hole there.
sql::Result<std::optional<Segment>> next_to_archive(sql::Connection& db, const RoomKey& key,
                                                    const RoomRow& room, Seq after,
                                                    const ArchiveLimits& limits);

/// A new object's key, below `archive/` and the room's id.
std::string object_key_of(const Segment& segment);
inline constexpr std::string_view kArchivePrefix = "archive/";

/// To be called before the object is written; it is garbage from `due` on unless it is committed.
sql::Result<void> announce_object(sql::Connection& db, const std::string& object_key, Time due);

enum class Archiving : std::uint8_t {
  done,
  changed,  ///< somebody has edited, deleted or put back something of it meanwhile
  moving,   ///< its slot is on its way
  late,     ///< the object was announced too long ago and may be gone
};
/// What was written and read back; one transaction. Only `done` changed anything.
struct StoredObject {
  std::string key;
  std::string sha256;
  std::int64_t bytes = 0;
};
sql::Result<Archiving> archive_segment(sql::Connection& db, const RoomKey& key,
                                       const Segment& segment, const StoredObject& object,
                                       Time now);

/// The segment's events go back into the tables and its object becomes garbage; false when it is
/// not (any more) archived like that. Inside a write transaction that holds the room's row.
sql::Result<bool> put_back(sql::Connection& db, const SegmentRow& row, const Segment& segment,
                           Time now);
/// The same as one transaction of its own: `done`, `changed` or `moving`.
sql::Result<Archiving> restore_segment(sql::Connection& db, const SegmentRow& row,
                                       const Segment& segment, Time now);

/// Keys of objects to be removed, some of all that are due. From here on nobody can commit them,
/// however far behind his clock is.
sql::Result<std::vector<std::string>> claim_garbage(sql::Connection& db, Time now, int limit);
/// They have been removed.
sql::Result<void> forget_garbage(sql::Connection& db, const std::vector<std::string>& keys);
/// Every one that stands there, due or not.
sql::Result<std::vector<std::string>> all_garbage(sql::Connection& db);
/// Whether a segment or the garbage names it; reads all segments.
sql::Result<bool> knows_object(sql::Connection& db, const std::string& key);

/// What a shard has in the blob store.
struct ArchiveTotals {
  std::int64_t rooms = 0;
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
  std::int64_t garbage = 0;  ///< objects that are to be removed
};
sql::Result<ArchiveTotals> archive_totals(sql::Connection& db);

/// Whether what is remembered of a segment's messages is what is in it, else a sentence; nothing
/// either when it has been put back since the row was read.
sql::Result<std::optional<std::string>> compare_remembered(sql::Connection& db,
                                                           const SegmentRow& row,
                                                           const Segment& segment);

}  // namespace respring::store
