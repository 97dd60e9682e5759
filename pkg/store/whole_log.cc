#include "store/whole_log.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "store/change_body.h"

namespace respring::store {
namespace {

using Messages = WholeLog::Messages;

sql::Result<Messages> stored_messages(sql::Connection& db, const RoomKey& key, Seq from, Seq to,
                                      End end, int limit) {
  const auto text = "SELECT" + std::string(kMessageColumns) + from_by_key(db, "message") +
                    "WHERE slot=? AND room_id=? AND seq BETWEEN ? AND ? ORDER BY seq " +
                    (end == End::newest ? "DESC" : "ASC") + " LIMIT ?";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from, to, limit));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key.room));
  if (end == End::newest) std::ranges::reverse(messages);
  return messages;
}

Result<std::vector<chat::Event>> stored_changes(sql::Connection& db, const RoomKey& key,
                                                RoomEpoch epoch, Seq from, int limit) {
  const auto text = "SELECT seq, kind, actor_id, target_seq, version, text, body, created_at " +
                    from_by_key(db, "change_event") +
                    "WHERE slot=? AND room_id=? AND seq>=? ORDER BY seq LIMIT ?";
  RESPRING_TRY(auto rows, db.query(text, key.slot.value, key.room, from, limit));
  std::vector<chat::Event> events;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return events;
    RESPRING_TRY(auto body, body_from(rows.view(1), rows.maybe_int64(3), rows.maybe_int64(4),
                                      rows.maybe_text(5), rows.view(6)));
    events.push_back(
        {key.room, epoch, rows.int64(0), rows.id<UserId>(2), rows.time(7), std::move(body)});
  }
}

template <class Item>
void sort_and_cut(std::vector<Item>& items, End end, std::size_t most) {
  std::ranges::sort(items, {}, &Item::seq);
  if (items.size() <= most) return;
  const auto rest = static_cast<std::ptrdiff_t>(items.size() - most);
  if (end == End::newest) {
    items.erase(items.begin(), items.begin() + rest);
  } else {
    items.erase(items.end() - rest, items.end());
  }
}

chat::Event sent(chat::Message message, RoomEpoch epoch) {
  return {message.room,       epoch,
          message.seq,        message.sender,
          message.created_at, chat::Sent{std::move(message)}};
}

bool is_between(Seq seq, Seq from, Seq to) { return from <= seq && seq <= to; }

}  // namespace

Result<const Segment*> WholeLog::segment(const SegmentRow& row) const {
  const auto* found = hand_.find(row);
  if (found == nullptr) return archive_needed();
  return found;
}

Result<Messages> WholeLog::messages(Seq from, Seq to, End end, int limit) const {
  RESPRING_TRY(auto found, stored_messages(db_, key_, from, to, end, limit));
  if (from <= archived_seq_ && limit > 0) {
    RESPRING_TRYV(add_archived(found, from, std::min(to, archived_seq_), end, limit));
  }
  return found;
}

// From the asked end on, for as long as what a segment has could still be among the first `limit`.
// Every one has a message, but those at both ends may have theirs outside. All that are missing are
// noted at once.
Result<void> WholeLog::add_archived(Messages& found, Seq from, Seq to, End end, int limit) const {
  RESPRING_TRY(const auto rows, segments_between(db_, key_, from, to, end, limit + 2, 1));
  const auto most = static_cast<std::size_t>(limit);
  std::size_t expected = 0;
  for (const auto& row : rows) {
    const bool beyond = end == End::newest ? !found.empty() && found.front().seq > row.last_seq
                                           : !found.empty() && found.back().seq < row.first_seq;
    if ((beyond && found.size() >= most) || expected >= most) break;
    const auto* segment = hand_.find(row);
    if (segment == nullptr) {
      const bool whole = from <= row.first_seq && row.last_seq <= to;
      if (whole) expected += static_cast<std::size_t>(row.messages);
      continue;
    }
    for (const auto& copy : segment->messages) {
      if (is_between(copy.key.key, from, to)) found.push_back(message_of(copy));
    }
    sort_and_cut(found, end, most);
  }
  if (!hand_.is_complete()) return archive_needed();
  return success();
}

Result<bool> WholeLog::any_message(Seq from, Seq to) const {
  if (to < from) return false;
  const auto text = "SELECT 1 " + from_by_key(db_, "message") +
                    "WHERE slot=? AND room_id=? AND seq BETWEEN ? AND ? LIMIT 1";
  {
    RESPRING_TRY(auto rows, db_.query(text, key_.slot.value, key_.room, from, to));
    RESPRING_TRY(const bool found, rows.next());
    if (found || from > archived_seq_) return found;
  }
  RESPRING_TRY(const bool archived,
               any_archived_message(db_, key_, from, std::min(to, archived_seq_)));
  return archived;
}

Result<std::optional<chat::Message>> WholeLog::message(Seq seq) const {
  RESPRING_TRY(auto found, load_message(db_, key_, seq));
  if (found || seq > archived_seq_) return found;
  return archived_message(seq);
}

Result<std::optional<chat::Message>> WholeLog::archived_message(Seq seq) const {
  std::optional<chat::Message> none;
  RESPRING_TRY(const auto row, segment_of(db_, key_, seq));
  if (!row) return none;
  RESPRING_TRY(const auto* archived, segment(*row));
  const auto found =
      std::ranges::lower_bound(archived->messages, RowKey{key_.room, seq}, {}, &SlotRowCopy::key);
  if (found == archived->messages.end() || found->key.key != seq) return none;
  Messages one;
  one.push_back(message_of(*found));
  RESPRING_TRYV(add_reactions(db_, key_, one));
  return std::optional(std::move(one.front()));
}

Result<std::vector<chat::Event>> WholeLog::events(RoomEpoch epoch, Seq from, Seq last,
                                                  int limit) const {
  RESPRING_TRY(auto events, stored_changes(db_, key_, epoch, from, limit));
  RESPRING_TRY(auto messages, stored_messages(db_, key_, from, last, End::oldest, limit));
  RESPRING_TRYV(add_reactions(db_, key_, messages));
  events.reserve(events.size() + messages.size());
  for (auto& message : messages) events.push_back(sent(std::move(message), epoch));
  if (from <= archived_seq_) {
    RESPRING_TRYV(add_archived_events(events, epoch, from, limit));
  }
  sort_and_cut(events, End::oldest, static_cast<std::size_t>(limit));
  return events;
}

// The log is dense: what can be among the first `limit` is known by its seq.
Result<void> WholeLog::add_archived_events(std::vector<chat::Event>& events, RoomEpoch epoch,
                                           Seq from, int limit) const {
  const Seq to = std::min(archived_seq_, from + limit - 1);
  RESPRING_TRY(const auto rows, segments_between(db_, key_, from, to, End::oldest, limit));
  for (const auto& row : rows) hand_.find(row);
  if (!hand_.is_complete()) return archive_needed();
  for (const auto& row : rows) {
    const auto* archived = hand_.find(row);
    Messages messages;
    for (const auto& copy : archived->messages) {
      if (is_between(copy.key.key, from, to)) messages.push_back(message_of(copy));
    }
    RESPRING_TRYV(add_reactions(db_, key_, messages));
    for (auto& message : messages) events.push_back(sent(std::move(message), epoch));
    for (const auto& copy : archived->changes) {
      if (!is_between(copy.key.key, from, to)) continue;
      RESPRING_TRY(auto event, event_of(copy, epoch));
      events.push_back(std::move(event));
    }
  }
  return success();
}

Result<Messages> WholeLog::messages_by(UserId sender, Seq after, int limit) const {
  static const auto kText = "SELECT" + std::string(kMessageColumns) +
                            "FROM message WHERE slot=? AND room_id=? AND sender_id=? AND seq>? "
                            "AND deleted_at IS NULL ORDER BY seq LIMIT ?";
  RESPRING_TRY(auto rows, db_.query(kText, key_.slot.value, key_.room, sender, after, limit));
  RESPRING_TRY(auto messages, read_messages(std::move(rows), key_.room));
  RESPRING_TRYV(add_reactions(db_, key_, messages));
  if (after >= archived_seq_) return messages;
  RESPRING_TRYV(add_archived_by(messages, sender, after, limit));
  sort_and_cut(messages, End::oldest, static_cast<std::size_t>(limit));
  return messages;
}

Result<void> WholeLog::add_archived_by(Messages& found, UserId sender, Seq after, int limit) const {
  RESPRING_TRY(const auto seqs, archived_by(db_, key_, sender, after, limit));
  if (seqs.empty()) return success();
  Messages archived;
  std::optional<SegmentRow> row;
  for (const Seq seq : seqs) {
    if (row && row->covers(seq)) continue;
    RESPRING_TRY(row, segment_of(db_, key_, seq));
    const auto* segment = row ? hand_.find(*row) : nullptr;
    if (segment == nullptr) continue;
    for (const auto& copy : segment->messages) {
      if (std::ranges::binary_search(seqs, copy.key.key)) archived.push_back(message_of(copy));
    }
  }
  if (!hand_.is_complete()) return archive_needed();
  RESPRING_TRYV(add_reactions(db_, key_, archived));
  std::ranges::move(archived, std::back_inserter(found));
  return success();
}

}  // namespace respring::store
