// The rows of a slot, or of one room of it, as they are read.
#include <iterator>
#include <map>
#include <ranges>

#include "store/many_rows.h"
#include "store/room_rows.h"
#include "store/slot_tables.h"

namespace respring::store {
namespace {

using enum ColumnKind;
using Cell = SlotRowCopy::Cell;

// The rest of the primary key, which makes the order complete.
std::string order_of(const SlotTableInfo& info) {
  std::string order = " ORDER BY room_id";
  if (!info.key.empty()) order.append(", ").append(info.key);
  if (info.name == "reaction") order += ", user_id, emoji";
  return order;
}

// By the primary key, whatever the statistics say: right after many rows came or went they let
// MySQL take another index, and every chunk then reads the whole room.
std::string select_all_of(const sql::Connection& db, const SlotTableInfo& info) {
  std::string text = "SELECT ";
  for (const auto& column : info.columns) {
    if (text.back() != ' ') text += ',';
    text += column.name;
  }
  return text + ' ' + from_by_key(db, info.name);
}

std::string select_of(const sql::Connection& db, const SlotTableInfo& info) {
  return select_all_of(db, info) + "WHERE slot=? AND ";
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

// Of one room alone: its one row, or those behind a key.
sql::Result<std::vector<SlotRowCopy>> read_room(sql::Connection& db, const SlotPart& part,
                                                const SlotTableInfo& info, const RowKey& after,
                                                int limit) {
  std::vector<SlotRowCopy> all;
  const RoomId room = *part.room;
  if (after.room > room || (info.key.empty() && after.room == room)) return all;
  if (info.key.empty()) {
    RESPRING_TRY(auto rows, db.query(select_of(db, info) + "room_id=?", part.slot, room));
    RESPRING_TRYV(take(info, std::move(rows), all));
    return all;
  }
  const std::int64_t key = after.room == room ? after.key : 0;
  RESPRING_TRY(auto rows,
               db.query(select_of(db, info) + info.within_room(">") + order_of(info) + " LIMIT ?",
                        part.slot, room, key, limit));
  RESPRING_TRYV(take(info, std::move(rows), all));
  return all;
}

// Two plain ranges of the primary key instead of a condition on a pair, which MySQL would not take
// for a range: first the rest of the room, then the rooms behind it.
sql::Result<std::vector<SlotRowCopy>> read_slot(sql::Connection& db, std::int32_t slot,
                                                const SlotTableInfo& info, const RowKey& after,
                                                int limit) {
  const auto head = select_of(db, info);
  const auto tail = order_of(info) + " LIMIT ?";
  std::vector<SlotRowCopy> all;
  if (!info.key.empty() && after.room.value > 0) {
    RESPRING_TRY(auto rest,
                 db.query(head + info.within_room(">") + tail, slot, after.room, after.key, limit));
    RESPRING_TRYV(take(info, std::move(rest), all));
  }
  const auto missing = limit - static_cast<int>(all.size());
  if (missing > 0) {
    RESPRING_TRY(auto next, db.query(head + "room_id>?" + tail, slot, after.room, missing));
    RESPRING_TRYV(take(info, std::move(next), all));
  }
  return all;
}

}  // namespace

sql::Result<std::vector<SlotRowCopy>> read_rows(sql::Connection& db, const SlotPart& part,
                                                SlotTable table, const RowKey& after, int limit) {
  const auto& info = info_of(table);
  RESPRING_TRY(auto all, part.room ? read_room(db, part, info, after, limit)
                                   : read_slot(db, part.slot, info, after, limit));
  if (table != SlotTable::reaction || static_cast<int>(all.size()) < limit) return all;
  // The last key may have more rows than were asked for.
  const auto last = all.back().key;
  std::erase_if(all, [&](const SlotRowCopy& row) { return row.key == last; });
  RESPRING_TRY(auto whole, read_touched(db, part.slot, {table, last.room, last.key}));
  all.insert(all.end(), std::make_move_iterator(whole.begin()),
             std::make_move_iterator(whole.end()));
  return all;
}

sql::Result<std::vector<SlotRowCopy>> read_range(sql::Connection& db, std::int32_t slot,
                                                 SlotTable table, const RowKey& after,
                                                 const RowKey& last) {
  const auto& info = info_of(table);
  const auto head = select_of(db, info);
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
               db.query(head + info.within_room(">") + order, slot, after.room, after.key));
  RESPRING_TRYV(take(info, std::move(rest), all));
  RESPRING_TRY(auto between,
               db.query(head + "room_id>? AND room_id<?" + order, slot, after.room, last.room));
  RESPRING_TRYV(take(info, std::move(between), all));
  RESPRING_TRY(auto begun,
               db.query(head + info.within_room("<=") + order, slot, last.room, last.key));
  RESPRING_TRYV(take(info, std::move(begun), all));
  return all;
}

sql::Result<std::vector<SlotRowCopy>> read_touched(sql::Connection& db, std::int32_t slot,
                                                   const Touched& touched) {
  const auto& info = info_of(touched.table);
  const auto order = order_of(info);
  std::vector<SlotRowCopy> all;
  if (touched.key && !info.key.empty()) {
    RESPRING_TRY(auto rows, db.query(select_of(db, info) + info.within_room("=") + order, slot,
                                     touched.room, *touched.key));
    RESPRING_TRYV(take(info, std::move(rows), all));
    return all;
  }
  RESPRING_TRY(auto rows, db.query(select_of(db, info) + "room_id=?" + order, slot, touched.room));
  RESPRING_TRYV(take(info, std::move(rows), all));
  return all;
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
    RESPRING_TRYV(for_each_of(db, select_all_of(db, info) + "WHERE ", condition + ")",
                              order_of(info), std::vector<RowKey>(keys.begin(), keys.end()), bind,
                              read));
  }
  return all;
}

namespace {

sql::Result<std::int64_t> one_number(sql::Connection& db, const std::string& select,
                                     const SlotPart& part) {
  RESPRING_TRY(auto rows,
               part.room ? db.query(select + " WHERE slot=? AND room_id=?", part.slot, *part.room)
                         : db.query(select + " WHERE slot=?", part.slot));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

}  // namespace

sql::Result<std::int64_t> count_of(sql::Connection& db, const SlotPart& part, SlotTable table) {
  return one_number(db, "SELECT COUNT(*) FROM " + std::string(info_of(table).name), part);
}

// Three bytes per letter, and what a row costs in its tables and indexes.
sql::Result<std::int64_t> bytes_of(sql::Connection& db, const SlotPart& part) {
  constexpr std::int64_t kPerRow = 300, kPerLetter = 3;
  std::int64_t count = 0;
  for (const auto table : kSlotTables) {
    RESPRING_TRY(const std::int64_t some, count_of(db, part, table));
    count += some;
  }
  RESPRING_TRY(
      const std::int64_t letters,
      one_number(db, "SELECT CAST(COALESCE(SUM(LENGTH(text)),0) AS SIGNED) FROM message", part));
  return count * kPerRow + letters * kPerLetter;
}

}  // namespace respring::store
