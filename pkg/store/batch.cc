#include "store/batch.h"

#include <algorithm>
#include <utility>

#include "chat/codec.h"
#include "store/many_rows.h"

namespace respring::store {

sql::Result<void> Batch::prefetch(const std::vector<Need>& needs) {
  RESPRING_TRYV(fetch_fence(needs));
  RESPRING_TRYV(fetch_rooms(needs));
  RESPRING_TRYV(fetch_members(needs));
  return fetch_cids(needs);
}

sql::Result<void> Batch::fetch_fence(const std::vector<Need>& needs) {
  std::vector<shardmap::Slot> slots;
  for (const auto& need : needs) {
    if (fence_.emplace(need.key.slot.value, Fence{}).second) slots.push_back(need.key.slot);
  }
  const auto found = [this](shardmap::Slot slot, Fence fence) { fence_[slot.value] = fence; };
  return fences_of(db_, std::move(slots), found);
}

sql::Result<void> Batch::fetch_rooms(const std::vector<Need>& needs) {
  std::vector<RoomKey> keys;
  for (const auto& need : needs) {
    if (rooms_.emplace(need.key.room, CachedRoom{need.key, {}, false}).second)
      keys.push_back(need.key);
  }
  // One order for all transactions, so that two of them never wait for each other in a circle.
  const auto order = [](const RoomKey& k) { return std::pair(k.slot, k.room); };
  std::ranges::sort(keys, {}, order);
  const auto tail = " ORDER BY slot, room_id" + std::string(db_.dialect().for_update());
  const auto bind = [](sql::Statement& statement, int index, const RoomKey& key) {
    return sql::bind_values(statement, index, key.slot.value, key.room);
  };
  const auto read = [this](const sql::Rows& row) {
    rooms_.at(row.id<RoomId>(kRoomIdColumn)).row = read_room(row);
  };
  const auto head = "SELECT" + std::string(kRoomColumns) + "FROM room" +
                    std::string(db_.dialect().by_primary_key()) + " WHERE ";
  return for_each_of(db_, head, "(slot=? AND room_id=?)", tail, keys, bind, read);
}

sql::Result<void> Batch::fetch_members(const std::vector<Need>& needs) {
  std::vector<Need> unknown;
  for (const auto& need : needs) {
    if (members_.emplace(UserKey{need.key.room, need.actor}, std::nullopt).second)
      unknown.push_back(need);
  }
  const auto bind = [](sql::Statement& statement, int index, const Need& need) {
    return sql::bind_values(statement, index, need.key.slot.value, need.key.room, need.actor);
  };
  const auto read = [this](const sql::Rows& row) {
    const auto member = read_member(row);
    members_[{row.id<RoomId>(kMemberRoomColumn), member.member.user}] = member;
  };
  const auto head = "SELECT" + std::string(kMemberColumns) + "FROM member WHERE ";
  return for_each_of(db_, head, "(slot=? AND room_id=? AND user_id=?)", "", unknown, bind, read);
}

sql::Result<void> Batch::fetch_cids(const std::vector<Need>& needs) {
  std::vector<Need> unknown;
  for (const auto& need : needs) {
    if (need.cid &&
        cids_.emplace(CidKey{{need.key.room, need.actor}, *need.cid}, std::nullopt).second)
      unknown.push_back(need);
  }
  const auto bind = [](sql::Statement& statement, int index, const Need& need) {
    return sql::bind_values(statement, index, need.key.slot.value, need.key.room, need.actor,
                            *need.cid);
  };
  const auto read = [this](const sql::Rows& row) {
    const UserKey user{row.id<RoomId>(0), row.id<UserId>(1)};
    cids_[{user, row.uuid(2)}] = FirstUse{row.int64(3), row.text(4)};
  };
  constexpr std::string_view kOne = "(slot=? AND room_id=? AND sender_id=? AND cid=?)";
  constexpr std::string_view kSelect = "SELECT room_id, sender_id, cid, seq, content_hash FROM ";
  RESPRING_TRYV(
      for_each_of(db_, std::string(kSelect) + "message WHERE ", kOne, "", unknown, bind, read));
  const auto is_stored = [this](const Need& need) {
    const auto room = rooms_.find(need.key.room);
    return room == rooms_.end() || !room->second.row || room->second.row->archived_seq == 0 ||
           cids_.at({{need.key.room, need.actor}, *need.cid}).has_value();
  };
  std::erase_if(unknown, is_stored);
  return for_each_of(db_, std::string(kSelect) + "archived_event WHERE ", kOne, "", unknown, bind,
                     read);
}

Fence Batch::fence_of(const RoomKey& key) const {
  const auto found = fence_.find(key.slot.value);
  return found == fence_.end() ? Fence{} : found->second;
}

void Batch::changed(const RoomKey& key, SlotTable table, std::optional<std::int64_t> row_key) {
  wrote_ = true;
  if (is_moving(key)) journal_.insert({key.slot, {table, key.room, row_key}});
}

sql::Result<RoomRow*> Batch::room(const RoomKey& key) {
  auto found = rooms_.find(key.room);
  if (found == rooms_.end()) {
    RESPRING_TRY(auto row, load_room(db_, key, db_.dialect().for_update()));
    found = rooms_.emplace(key.room, CachedRoom{key, std::move(row), false}).first;
  }
  return found->second.row ? &*found->second.row : nullptr;
}

sql::Result<MemberRow*> Batch::member(const RoomKey& key, UserId user) {
  auto found = members_.find({key.room, user});
  if (found == members_.end()) {
    RESPRING_TRY(auto row, load_member(db_, key, user));
    found = members_.emplace(UserKey{key.room, user}, std::move(row)).first;
  }
  return found->second ? &*found->second : nullptr;
}

Step<Batch::Member> Batch::standing(const RoomKey& key, UserId actor) {
  RESPRING_TRY(auto* row, room(key));
  if (row == nullptr || row->closed_at) return Halt(not_found());
  RESPRING_TRY(auto* me, member(key, actor));
  if (me == nullptr || !me->present()) return Halt(not_found());
  return Member{row, me};
}

sql::Result<CursorRow> Batch::cursor(const RoomKey& key, UserId user) {
  const auto found = cursors_.find({key.room, user});
  if (found != cursors_.end()) return found->second.row;
  RESPRING_TRY(const auto row, load_cursor(db_, key, user));
  cursors_[{key.room, user}] = {key, row, false};
  return row;
}

sql::Result<std::optional<Batch::FirstUse>> Batch::first_use(const RoomKey& key, UserId sender,
                                                             const Uuid& cid) {
  const auto found = cids_.find({{key.room, sender}, cid});
  if (found != cids_.end()) return found->second;
  RESPRING_TRYV(fetch_cids({{key, sender, cid}}));
  return cids_.at({{key.room, sender}, cid});
}

sql::Result<RoomRow*> Batch::add_room(const RoomKey& key, RoomRow row) {
  RESPRING_TRYV(db_.run(
      "INSERT INTO room (slot, room_id, epoch, last_seq, last_ordinal, kind, title, member_count, "
      "block_count, last_at, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
      key.slot.value, key.room, row.epoch, row.last_seq, row.last_ordinal, column_of(row.kind),
      row.title, row.member_count, row.block_count, row.last_at, row.created_at));
  changed(key, SlotTable::room);
  auto& cached = rooms_[key.room];
  cached = {key, std::move(row), false};
  return &*cached.row;
}

void Batch::touch(const RoomKey& key) { rooms_.at(key.room).dirty = true; }

sql::Result<void> Batch::put_member(const RoomKey& key, const MemberRow& row) {
  static constexpr std::string_view kInsert =
      "INSERT INTO member (slot, room_id, user_id, role, joined_seq, left_seq, blocking) VALUES "
      "(?,?,?,?,?,?,?)";
  const auto text = std::string(kInsert) + db_.dialect().on_conflict_update(
                                               {"slot", "room_id", "user_id"},
                                               {"role", "joined_seq", "left_seq", "blocking"});
  RESPRING_TRYV(db_.run(text, key.slot.value, key.room, row.member.user,
                        static_cast<int>(row.member.role), row.member.joined_seq, row.left_seq,
                        row.blocking));
  changed(key, SlotTable::member, row.member.user.value);
  members_[{key.room, row.member.user}] = row;
  return success();
}

void Batch::end_memberships(const RoomKey& key, Seq at) {
  for (auto entry = members_.lower_bound({key.room, UserId{}});
       entry != members_.end() && entry->first.first == key.room; ++entry) {
    if (entry->second && entry->second->present()) entry->second->left_seq = at;
  }
}

void Batch::put_cursor(const RoomKey& key, UserId user, CursorRow cursor) {
  cursors_[{key.room, user}] = {key, cursor, true};
}

void Batch::add_message(const RoomKey& key, const chat::Message& message, const ContentHash& hash) {
  cids_[{{key.room, message.sender}, message.cid}] =
      FirstUse{message.seq, std::string(hash.bytes())};
  pending_.push_back({key, message, hash});
}

void Batch::add_change(const RoomKey& key, const chat::Event& event) {
  pending_changes_.push_back({key, event.seq, event.actor, event.at, columns_of(event.body)});
}

void Batch::publish(const RoomKey& key, chat::Event event, chat::Written& written) {
  auto json = chat::to_json(event);
  outbox_ += std::to_string(key.room.value);
  outbox_ += ' ';
  if (!trace_.empty()) outbox_ += trace_ + ' ';
  outbox_ += json;
  outbox_ += '\n';
  if (!probe_) probe_ = Probe{key, event.seq, event.actor, event.at};
  written.events.push_back(std::move(event));
  written.json.push_back(std::move(json));
}

sql::Result<void> Batch::flush_messages() {
  static constexpr std::string_view kInsert =
      "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, "
      "reply_to, attachments, meta, created_at, version) VALUES ";
  const auto bind = [](sql::Statement& statement, int index, const PendingMessage& pending) {
    const auto& [key, m, hash] = pending;
    const auto attachments =
        m.attachments == "[]" ? std::nullopt : std::optional<std::string_view>(m.attachments);
    return sql::bind_values(statement, index, key.slot.value, key.room, m.seq, m.ordinal, m.sender,
                            m.cid, sql::Blob{hash.bytes()}, m.text, m.reply_to, attachments, m.meta,
                            m.created_at);
  };
  for (const auto& pending : pending_)
    changed(pending.key, SlotTable::message, pending.message.seq);
  RESPRING_TRYV(insert_rows(db_, kInsert, "(?,?,?,?,?,?,?,?,?,?,?,?,1)", "", pending_, bind));
  pending_.clear();
  return write_changes();
}

sql::Result<void> Batch::write_changes() {
  static constexpr std::string_view kInsert =
      "INSERT INTO change_event (slot, room_id, seq, kind, actor_id, target_seq, version, text, "
      "body, created_at) VALUES ";
  const auto bind = [](sql::Statement& statement, int index, const PendingChange& change) {
    const auto& columns = change.columns;
    return sql::bind_values(statement, index, change.key.slot.value, change.key.room, change.seq,
                            columns.kind, change.actor, columns.target, columns.version,
                            columns.text, columns.body, change.at);
  };
  for (const auto& change : pending_changes_)
    changed(change.key, SlotTable::change_event, change.seq);
  RESPRING_TRYV(insert_rows(db_, kInsert, "(?,?,?,?,?,?,?,?,?,?)", "", pending_changes_, bind));
  pending_changes_.clear();
  return success();
}

// They are there and locked: the INSERT only carries the new values of many rows at once.
sql::Result<void> Batch::write_rooms() {
  static constexpr std::string_view kInsert =
      "INSERT INTO room (slot, room_id, epoch, last_seq, last_ordinal, kind, title, member_count, "
      "block_count, last_at, created_at, deleted_at) VALUES ";
  const auto tail = db_.dialect().on_conflict_update(
      {"slot", "room_id"}, {"last_seq", "last_ordinal", "title", "member_count", "block_count",
                            "last_at", "deleted_at"});
  std::vector<const CachedRoom*> dirty;
  for (auto& [id, cached] : rooms_) {
    if (std::exchange(cached.dirty, false)) dirty.push_back(&cached);
  }
  const auto bind = [](sql::Statement& statement, int index, const CachedRoom* cached) {
    const auto& [key, row, unused] = *cached;
    return sql::bind_values(statement, index, key.slot.value, key.room, row->epoch, row->last_seq,
                            row->last_ordinal, column_of(row->kind), row->title, row->member_count,
                            row->block_count, row->last_at, row->created_at, row->closed_at);
  };
  for (const auto* cached : dirty) changed(cached->key, SlotTable::room);
  return insert_rows(db_, kInsert, "(?,?,?,?,?,?,?,?,?,?,?,?)", tail, dirty, bind);
}

sql::Result<void> Batch::write_cursors() {
  static constexpr std::string_view kInsert =
      "INSERT INTO read_cursor (slot, room_id, user_id, seq, ordinal) VALUES ";
  const auto tail =
      db_.dialect().on_conflict_update({"slot", "room_id", "user_id"}, {"seq", "ordinal"});
  std::vector<std::pair<UserId, const CachedCursor*>> dirty;
  for (auto& [user, cached] : cursors_) {
    if (std::exchange(cached.dirty, false)) dirty.emplace_back(user.second, &cached);
  }
  const auto bind = [](sql::Statement& statement, int index, const auto& entry) {
    const auto& [user, cached] = entry;
    return sql::bind_values(statement, index, cached->key.slot.value, cached->key.room, user,
                            cached->row.seq, cached->row.ordinal);
  };
  for (const auto& [user, cached] : dirty) changed(cached->key, SlotTable::read_cursor, user.value);
  return insert_rows(db_, kInsert, "(?,?,?,?,?)", tail, dirty, bind);
}

// In the transaction of the rows themselves: what a move has not copied yet is known as long as the
// rows are.
sql::Result<void> Batch::write_journal() {
  const std::vector<std::pair<shardmap::Slot, Touched>> entries(journal_.begin(), journal_.end());
  journal_.clear();
  const auto bind = [](sql::Statement& statement, int index, const auto& entry) {
    const auto& [slot, touched] = entry;
    return sql::bind_values(statement, index, kRoomKeyspace, slot.value,
                            static_cast<int>(touched.table), to_text(touched));
  };
  return insert_rows(db_, "INSERT INTO slot_journal (keyspace, slot, table_no, pk) VALUES ",
                     "(?,?,?,?)", "", entries, bind);
}

sql::Result<void> Batch::finish() {
  RESPRING_TRYV(flush_messages());
  RESPRING_TRYV(write_rooms());
  RESPRING_TRYV(write_cursors());
  RESPRING_TRYV(write_journal());
  if (!outbox_.empty()) {
    RESPRING_TRYV(
        db_.run("INSERT INTO outbox (events, created_at) VALUES (?,?)", sql::Blob{outbox_}, now_));
    wrote_ = true;
  }
  return success();
}

}  // namespace respring::store
