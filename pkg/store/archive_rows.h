#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/room_rows.h"

/// What a shard still knows of events that lie in the blob store. For most rooms that is nothing:
/// RoomRow::archived_seq says so without a query. Blocking; inside a transaction of the caller.
namespace respring::store {

/// Of one segment, at most: what a write that needs one of them has to bring back.
inline constexpr std::int64_t kMostSegmentEvents = 10'000;

/// Where every event from first_seq to last_seq is.
struct SegmentRow {
  RoomKey key;
  Seq first_seq = 0;
  Seq last_seq = 0;
  std::int64_t messages = 0;  ///< of its events, deleted ones too
  std::string object_key;
  std::string sha256;      ///< of the object, 32 bytes
  std::int64_t bytes = 0;  ///< of the object
  Time created_at{};

  bool covers(Seq seq) const { return first_seq <= seq && seq <= last_seq; }
  std::int64_t events() const { return last_seq - first_seq + 1; }
};

enum class End : std::uint8_t { oldest, newest };
/// Segments with events from `from` to `to`, beginning at that end; with `least_messages` of 1
/// those without a message are left out.
sql::Result<std::vector<SegmentRow>> segments_between(sql::Connection& db, const RoomKey& key,
                                                      Seq from, Seq to, End end, int limit,
                                                      std::int64_t least_messages = 0);
sql::Result<std::optional<SegmentRow>> segment_of(sql::Connection& db, const RoomKey& key, Seq seq);
/// The first segment of the shard that ends behind that place, in the order of slot, room and seq;
/// from the very first on with a slot of -1.
sql::Result<std::optional<SegmentRow>> next_segment(sql::Connection& db, const RoomKey& room,
                                                    Seq after);

sql::Result<bool> any_archived_message(sql::Connection& db, const RoomKey& key, Seq from, Seq to);
/// The ordinal of the last archived message with seq ≤ `seq`, 0 before the first.
sql::Result<Ordinal> archived_ordinal_at(sql::Connection& db, const RoomKey& key, Seq seq);
/// Seqs of his archived messages behind `after` that are not deleted, ascending.
sql::Result<std::vector<Seq>> archived_by(sql::Connection& db, const RoomKey& key, UserId sender,
                                          Seq after, int limit);
/// Archived events that a change of this message would change or asks for.
sql::Result<std::vector<Seq>> archived_about(sql::Connection& db, const RoomKey& key, Seq target);
/// Archived messages up to that seq that are not deleted.
sql::Result<std::int64_t> count_archived_live(sql::Connection& db, const RoomKey& key, Seq last);

/// Events that are in a segment and in the tables as well: never one.
sql::Result<std::int64_t> count_stored_and_archived(sql::Connection& db, const RoomKey& key);

/// What lies in the blob store of one room.
struct ArchivedExtent {
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
  Ordinal last_ordinal = 0;
};
sql::Result<ArchivedExtent> archived_extent(sql::Connection& db, const RoomKey& key);

}  // namespace respring::store
