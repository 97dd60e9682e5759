#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/types.h"
#include "store/slot_tables.h"

/// A range of a room's log as one object of the blob store: JSON lines, compressed by zstd. The
/// first line says what it is (`format`, `room`, `first_seq`, `last_seq`, `events`), every other
/// one is a row of `message` or `change_event` with its columns' names, in the order of seq; bytes
/// are hexadecimal, nulls left out.
namespace respring::store {

struct Segment {
  RoomId room;
  Seq first_seq = 0;
  Seq last_seq = 0;
  std::vector<SlotRowCopy> messages;  ///< ascending
  std::vector<SlotRowCopy> changes;   ///< likewise; with the messages every seq of the range once

  std::int64_t events() const { return last_seq - first_seq + 1; }
};

/// The same rows give the same bytes.
std::string encode(const Segment& segment);
/// `internal` when these are not the bytes of a whole segment; at most 64 MiB when unpacked.
Result<Segment> decode(std::string_view object);

/// Whether every seq of the range is there once.
bool is_dense(const Segment& segment);
/// 32 bytes.
std::string sha256_of(std::string_view bytes);

/// Columns of `message` by their places in SlotTableInfo, for whoever needs one cell.
enum class MessageCell : std::size_t {
  seq = 1,
  ordinal,
  sender,
  cid,
  hash,
  text,
  reply_to,
  attachments,
  meta,
  created_at,
  edited_at,
  deleted_at,
  version
};
/// The same of `change_event`.
enum class ChangeCell : std::size_t {
  seq = 1,
  kind,
  actor,
  target,
  version,
  text,
  body,
  created_at
};
template <class Which>
const SlotRowCopy::Cell& cell(const SlotRowCopy& row, Which which) {
  return row.cells[static_cast<std::size_t>(which)];
}

/// Without its reactions.
chat::Message message_of(const SlotRowCopy& row);
/// `internal` for a row this program did not write.
Result<chat::Event> event_of(const SlotRowCopy& row, RoomEpoch epoch);

}  // namespace respring::store
