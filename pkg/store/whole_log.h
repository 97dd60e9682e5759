#pragma once

#include <optional>
#include <vector>

#include "chat/types.h"
#include "store/segments_at_hand.h"

namespace respring::store {

/// The events of one room wherever they lie: in the shard's tables, or archived. What needs a
/// segment that is not at hand answers `archive_needed()`, and the hand knows which. Blocking;
/// lives inside one transaction of the caller.
class WholeLog {
 public:
  /// `archived_seq` of the room's row. Borrows the connection and the hand.
  WholeLog(sql::Connection& db, const RoomKey& key, Seq archived_seq, SegmentsAtHand& hand)
      : db_(db), key_(key), archived_seq_(archived_seq), hand_(hand) {}

  using Messages = std::vector<chat::Message>;

  /// Messages with seq in [from, to], the first or the last `limit` of them, always ascending, with
  /// deleted ones and without reactions.
  Result<Messages> messages(Seq from, Seq to, End end, int limit) const;
  Result<bool> any_message(Seq from, Seq to) const;
  /// With its reactions; nothing when that seq is no message.
  Result<std::optional<chat::Message>> message(Seq seq) const;
  /// The log from there on, messages with their reactions.
  Result<std::vector<chat::Event>> events(RoomEpoch epoch, Seq from, Seq last, int limit) const;
  /// His messages behind `after` that are not deleted, with their reactions.
  Result<Messages> messages_by(UserId sender, Seq after, int limit) const;

 private:
  Result<void> add_archived(Messages& found, Seq from, Seq to, End end, int limit) const;
  Result<void> add_archived_events(std::vector<chat::Event>& events, RoomEpoch epoch, Seq from,
                                   int limit) const;
  Result<void> add_archived_by(Messages& found, UserId sender, Seq after, int limit) const;
  Result<std::optional<chat::Message>> archived_message(Seq seq) const;
  /// The segment, or archive_needed().
  Result<const Segment*> segment(const SegmentRow& row) const;

  sql::Connection& db_;
  RoomKey key_;
  Seq archived_seq_;
  SegmentsAtHand& hand_;
};

}  // namespace respring::store
