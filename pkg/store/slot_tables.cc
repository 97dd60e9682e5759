#include "store/slot_tables.h"

#include <charconv>
#include <iterator>
#include <map>
#include <ranges>

#include "store/many_rows.h"

namespace respring::store {
namespace {

using enum ColumnKind;
using Cell = SlotRowCopy::Cell;

std::map<SlotTable, SlotTableInfo> make_infos() {
  std::map<SlotTable, SlotTableInfo> infos;
  infos[SlotTable::room] = {"room",
                            "",
                            {{"room_id", number},
                             {"epoch", number},
                             {"last_seq", number},
                             {"last_ordinal", number},
                             {"kind", number},
                             {"title", text},
                             {"member_count", number},
                             {"block_count", number},
                             {"last_at", number},
                             {"created_at", number},
                             {"deleted_at", number}}};
  infos[SlotTable::message] = {"message",
                               "seq",
                               {{"room_id", number},
                                {"seq", number},
                                {"ordinal", number},
                                {"sender_id", number},
                                {"cid", bytes},
                                {"content_hash", bytes},
                                {"text", text},
                                {"reply_to", number},
                                {"attachments", text},
                                {"meta", text},
                                {"created_at", number},
                                {"edited_at", number},
                                {"deleted_at", number},
                                {"version", number}}};
  infos[SlotTable::change_event] = {"change_event",
                                    "seq",
                                    {{"room_id", number},
                                     {"seq", number},
                                     {"kind", text},
                                     {"actor_id", number},
                                     {"target_seq", number},
                                     {"version", number},
                                     {"text", text},
                                     {"body", text},
                                     {"created_at", number}}};
  infos[SlotTable::reaction] = {"reaction",
                                "target_seq",
                                {{"room_id", number},
                                 {"target_seq", number},
                                 {"user_id", number},
                                 {"emoji", text},
                                 {"at_seq", number}}};
  infos[SlotTable::member] = {"member",
                              "user_id",
                              {{"room_id", number},
                               {"user_id", number},
                               {"role", number},
                               {"joined_seq", number},
                               {"left_seq", number},
                               {"blocking", number}}};
  infos[SlotTable::read_cursor] = {
      "read_cursor",
      "user_id",
      {{"room_id", number}, {"user_id", number}, {"seq", number}, {"ordinal", number}}};
  return infos;
}

// The rest of the primary key, which makes the order complete.
std::string order_of(const SlotTableInfo& info) {
  std::string order = " ORDER BY room_id";
  if (!info.key.empty()) order.append(", ").append(info.key);
  if (info.name == "reaction") order += ", user_id, emoji";
  return order;
}

std::string select_all_of(const SlotTableInfo& info) {
  std::string text = "SELECT ";
  for (const auto& column : info.columns) {
    if (text.back() != ' ') text += ',';
    text += column.name;
  }
  return text + " FROM " + std::string(info.name);
}

std::string select_of(const SlotTableInfo& info) {
  return select_all_of(info) + " WHERE slot=? AND ";
}

Cell cell_of(const sql::Rows& row, int index, ColumnKind kind) {
  if (row.is_null(index)) return {};
  if (kind == number) return {Cell::Kind::number, row.int64(index), {}};
  return {kind == text ? Cell::Kind::text : Cell::Kind::bytes, 0, row.text(index)};
}

SlotRowCopy copy_of(const SlotTableInfo& info, const sql::Rows& row) {
  SlotRowCopy copy;
  copy.cells.reserve(info.columns.size());
  int index = 0;
  for (const auto& column : info.columns) {
    copy.cells.push_back(cell_of(row, index, column.kind));
    ++index;
  }
  copy.key = {RoomId{copy.cells[0].number}, info.key.empty() ? 0 : copy.cells[1].number};
  return copy;
}

sql::Result<void> take(const SlotTableInfo& info, sql::Rows rows, std::vector<SlotRowCopy>& all) {
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return success();
    all.push_back(copy_of(info, rows));
  }
}

void bind_cell(sql::Statement& statement, int index, const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::null:
      return statement.bind_null(index);
    case Cell::Kind::number:
      return statement.bind_int64(index, cell.number);
    case Cell::Kind::text:
      return statement.bind_text(index, cell.text);
    case Cell::Kind::bytes:
      return statement.bind_blob(index, cell.text);
  }
}

// Keys of one room behind (or, with `last`, up to) a place.
std::string within_room(const SlotTableInfo& info, std::string_view comparison) {
  return "room_id=? AND " + std::string(info.key) + std::string(comparison) + "?";
}

}  // namespace

const SlotTableInfo& info_of(SlotTable table) {
  static const auto kInfos = make_infos();
  return kInfos.at(table);
}

std::optional<SlotTable> slot_table_of(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(kSlotTables.size())) return std::nullopt;
  return static_cast<SlotTable>(number);
}

std::string to_text(const Touched& touched) {
  std::string text = touched.room.str();
  if (touched.key) text += ' ' + std::to_string(*touched.key);
  return text;
}

std::optional<Touched> touched_from(std::int64_t table, std::string_view text) {
  const auto which = slot_table_of(table);
  if (!which) return std::nullopt;
  Touched touched{*which, {}, {}};
  const char* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, touched.room.value);
  if (read.ec != std::errc()) return std::nullopt;
  if (read.ptr == end) return touched;
  std::int64_t key = 0;
  read = std::from_chars(read.ptr + 1, end, key);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  touched.key = key;
  return touched;
}

std::int64_t size_of(const std::vector<SlotRowCopy>& rows) {
  std::size_t bytes = 0;
  for (const auto& row : rows) {
    for (const auto& cell : row.cells) bytes += cell.text.size() + 8;
  }
  return static_cast<std::int64_t>(bytes);
}

// Two plain ranges of the primary key instead of a condition on a pair, which MySQL would not take
// for a range: first the rest of the room, then the rooms behind it.
sql::Result<std::vector<SlotRowCopy>> read_rows(sql::Connection& db, std::int32_t slot,
                                                SlotTable table, const RowKey& after, int limit) {
  const auto& info = info_of(table);
  const auto head = select_of(info);
  const auto tail = order_of(info) + " LIMIT ?";
  std::vector<SlotRowCopy> all;
  if (!info.key.empty() && after.room.value > 0) {
    RESPRING_TRY(auto rest, db.query(head + within_room(info, ">") + tail, slot, after.room,
                                     after.key, limit));
    RESPRING_TRYV(take(info, std::move(rest), all));
  }
  const auto missing = limit - static_cast<int>(all.size());
  if (missing > 0) {
    RESPRING_TRY(auto next, db.query(head + "room_id>?" + tail, slot, after.room, missing));
    RESPRING_TRYV(take(info, std::move(next), all));
  }
  if (table != SlotTable::reaction || static_cast<int>(all.size()) < limit) return all;
  // The last key may have more rows than were asked for.
  const auto last = all.back().key;
  std::erase_if(all, [&](const SlotRowCopy& row) { return row.key == last; });
  RESPRING_TRY(auto whole, read_touched(db, slot, {table, last.room, last.key}));
  all.insert(all.end(), std::make_move_iterator(whole.begin()),
             std::make_move_iterator(whole.end()));
  return all;
}

sql::Result<std::vector<SlotRowCopy>> read_range(sql::Connection& db, std::int32_t slot,
                                                 SlotTable table, const RowKey& after,
                                                 const RowKey& last) {
  const auto& info = info_of(table);
  const auto head = select_of(info);
  const auto order = order_of(info);
  std::vector<SlotRowCopy> all;
  if (info.key.empty()) {
    RESPRING_TRY(auto rows,
                 db.query(head + "room_id>? AND room_id<=?" + order, slot, after.room, last.room));
    RESPRING_TRYV(take(info, std::move(rows), all));
    return all;
  }
  const auto key = std::string(info.key);
  if (after.room == last.room) {
    RESPRING_TRY(auto rows,
                 db.query(head + "room_id=? AND " + key + ">? AND " + key + "<=?" + order, slot,
                          last.room, after.key, last.key));
    RESPRING_TRYV(take(info, std::move(rows), all));
    return all;
  }
  RESPRING_TRY(auto rest,
               db.query(head + within_room(info, ">") + order, slot, after.room, after.key));
  RESPRING_TRYV(take(info, std::move(rest), all));
  RESPRING_TRY(auto between,
               db.query(head + "room_id>? AND room_id<?" + order, slot, after.room, last.room));
  RESPRING_TRYV(take(info, std::move(between), all));
  RESPRING_TRY(auto begun,
               db.query(head + within_room(info, "<=") + order, slot, last.room, last.key));
  RESPRING_TRYV(take(info, std::move(begun), all));
  return all;
}

sql::Result<std::vector<SlotRowCopy>> read_touched(sql::Connection& db, std::int32_t slot,
                                                   const Touched& touched) {
  const auto& info = info_of(touched.table);
  const auto order = order_of(info);
  std::vector<SlotRowCopy> all;
  if (touched.key && !info.key.empty()) {
    RESPRING_TRY(auto rows, db.query(select_of(info) + within_room(info, "=") + order, slot,
                                     touched.room, *touched.key));
    RESPRING_TRYV(take(info, std::move(rows), all));
    return all;
  }
  RESPRING_TRY(auto rows, db.query(select_of(info) + "room_id=?" + order, slot, touched.room));
  RESPRING_TRYV(take(info, std::move(rows), all));
  return all;
}

bool names_one_row(const Touched& touched) {
  return info_of(touched.table).key.empty() ||
         (touched.key && touched.table != SlotTable::reaction);
}

sql::Result<std::vector<std::vector<SlotRowCopy>>> read_all_touched(
    sql::Connection& db, std::int32_t slot, const std::vector<Touched>& touched) {
  std::vector<std::vector<SlotRowCopy>> all(touched.size());
  std::map<SlotTable, std::map<RowKey, std::size_t>> places;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    const auto& entry = touched[i];
    if (entry.key || info_of(entry.table).key.empty()) {
      places[entry.table][{entry.room, entry.key.value_or(0)}] = i;
    } else {
      RESPRING_TRY(all[i], read_touched(db, slot, entry));
    }
  }
  for (const auto& [table, at] : places) {
    const auto& info = info_of(table);
    const auto keys = at | std::views::keys;
    const auto bind = [&](sql::Statement& statement, int index, const RowKey& key) {
      index = sql::bind_values(statement, index, slot, key.room);
      return info.key.empty() ? index : sql::bind_values(statement, index, key.key);
    };
    const auto read = [&](const sql::Rows& row) {
      auto copy = copy_of(info, row);
      const auto place = at.find(copy.key);
      if (place != at.end()) all[place->second].push_back(std::move(copy));
    };
    const auto condition =
        "(slot=? AND room_id=?" + (info.key.empty() ? "" : " AND " + std::string(info.key) + "=?");
    RESPRING_TRYV(for_each_of(
        db, select_all_of(info) + std::string(db.dialect().by_primary_key()) + " WHERE ",
        condition + ")", order_of(info), std::vector<RowKey>(keys.begin(), keys.end()), bind,
        read));
  }
  return all;
}

sql::Result<void> delete_range(sql::Connection& db, std::int32_t slot, SlotTable table,
                               const RowKey& after, const std::optional<RowKey>& last) {
  const auto& info = info_of(table);
  const auto head = "DELETE FROM " + std::string(info.name) + " WHERE slot=? AND ";
  const auto key = std::string(info.key);
  if (key.empty()) {
    if (!last) {
      RESPRING_TRYV(db.run(head + "room_id>?", slot, after.room));
      return success();
    }
    RESPRING_TRYV(db.run(head + "room_id>? AND room_id<=?", slot, after.room, last->room));
    return success();
  }
  if (last && after.room == last->room) {
    RESPRING_TRYV(db.run(head + "room_id=? AND " + key + ">? AND " + key + "<=?", slot, last->room,
                         after.key, last->key));
    return success();
  }
  if (after.room.value > 0) {
    RESPRING_TRYV(db.run(head + within_room(info, ">"), slot, after.room, after.key));
  }
  if (!last) {
    RESPRING_TRYV(db.run(head + "room_id>?", slot, after.room));
    return success();
  }
  RESPRING_TRYV(db.run(head + "room_id>? AND room_id<?", slot, after.room, last->room));
  RESPRING_TRYV(db.run(head + within_room(info, "<="), slot, last->room, last->key));
  return success();
}

sql::Result<void> delete_touched(sql::Connection& db, std::int32_t slot, const Touched& touched) {
  const auto& info = info_of(touched.table);
  const auto head = "DELETE FROM " + std::string(info.name) + " WHERE slot=? AND ";
  if (touched.key && !info.key.empty()) {
    RESPRING_TRYV(db.run(head + within_room(info, "="), slot, touched.room, *touched.key));
  } else {
    RESPRING_TRYV(db.run(head + "room_id=?", slot, touched.room));
  }
  return success();
}

sql::Result<void> insert_copies(sql::Connection& db, std::int32_t slot, SlotTable table,
                                const std::vector<SlotRowCopy>& rows) {
  const auto& info = info_of(table);
  std::string head = "REPLACE INTO " + std::string(info.name) + " (slot";
  for (const auto& column : info.columns) head.append(",").append(column.name);
  head += ") VALUES ";
  const auto values = "(?" + repeated(",?", "", info.columns.size()) + ")";
  const auto bind = [slot](sql::Statement& statement, int index, const SlotRowCopy& row) {
    statement.bind_int64(index++, slot);
    for (const auto& cell : row.cells) bind_cell(statement, index++, cell);
    return index;
  };
  return insert_rows(db, head, values, "", rows, bind);
}

// By ranges of rooms: neither database deletes with a LIMIT in the same words.
sql::Result<std::int64_t> delete_some(sql::Connection& db, std::int32_t slot, int limit) {
  for (const auto table : kSlotTables) {
    RESPRING_TRY(const auto rows, read_rows(db, slot, table, {}, limit));
    if (rows.empty()) continue;
    RESPRING_TRYV(delete_range(db, slot, table, {}, rows.back().key));
    return static_cast<std::int64_t>(rows.size());
  }
  return 0;
}

sql::Result<std::int64_t> count_of(sql::Connection& db, std::int32_t slot, SlotTable table) {
  RESPRING_TRY(
      auto rows,
      db.query("SELECT COUNT(*) FROM " + std::string(info_of(table).name) + " WHERE slot=?", slot));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

// Three bytes per letter, and what a row costs in its tables and indexes.
sql::Result<std::int64_t> bytes_of(sql::Connection& db, std::int32_t slot) {
  constexpr std::int64_t kPerRow = 300, kPerLetter = 3;
  std::int64_t count = 0;
  for (const auto table : kSlotTables) {
    RESPRING_TRY(const std::int64_t some, count_of(db, slot, table));
    count += some;
  }
  RESPRING_TRY(auto rows,
               db.query("SELECT CAST(COALESCE(SUM(LENGTH(text)),0) AS SIGNED) FROM message WHERE "
                        "slot=?",
                        slot));
  RESPRING_TRYV(rows.next());
  return count * kPerRow + rows.int64(0) * kPerLetter;
}

}  // namespace respring::store
