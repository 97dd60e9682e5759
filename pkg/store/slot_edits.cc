// The rows of a slot, or of one room of it, as they go and come.
#include "store/many_rows.h"
#include "store/slot_tables.h"

namespace respring::store {
namespace {

using Cell = SlotRowCopy::Cell;

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

}  // namespace

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
    RESPRING_TRYV(db.run(head + info.within_room(">"), slot, after.room, after.key));
  }
  if (!last) {
    RESPRING_TRYV(db.run(head + "room_id>?", slot, after.room));
    return success();
  }
  RESPRING_TRYV(db.run(head + "room_id>? AND room_id<?", slot, after.room, last->room));
  RESPRING_TRYV(db.run(head + info.within_room("<="), slot, last->room, last->key));
  return success();
}

sql::Result<void> delete_touched(sql::Connection& db, std::int32_t slot, const Touched& touched) {
  const auto& info = info_of(touched.table);
  const auto head = "DELETE FROM " + std::string(info.name) + " WHERE slot=? AND ";
  if (touched.key && !info.key.empty()) {
    RESPRING_TRYV(db.run(head + info.within_room("="), slot, touched.room, *touched.key));
  } else {
    RESPRING_TRYV(db.run(head + "room_id=?", slot, touched.room));
  }
  return success();
}

namespace {

sql::Result<void> put_copies(sql::Connection& db, std::string_view verb, std::int32_t slot,
                             SlotTable table, const std::vector<SlotRowCopy>& rows) {
  const auto& info = info_of(table);
  std::string head = std::string(verb) + " INTO " + std::string(info.name) + " (slot";
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

}  // namespace

sql::Result<void> insert_copies(sql::Connection& db, std::int32_t slot, SlotTable table,
                                const std::vector<SlotRowCopy>& rows) {
  return put_copies(db, "INSERT", slot, table, rows);
}

sql::Result<void> replace_copies(sql::Connection& db, std::int32_t slot, SlotTable table,
                                 const std::vector<SlotRowCopy>& rows) {
  return put_copies(db, "REPLACE", slot, table, rows);
}

namespace {

// Those of the part that were read, up to `last`.
sql::Result<void> delete_read(sql::Connection& db, const SlotPart& part, SlotTable table,
                              const RowKey& last) {
  if (!part.room) return delete_range(db, part.slot, table, {}, last);
  if (info_of(table).key.empty()) return delete_touched(db, part.slot, {table, *part.room, {}});
  return delete_range(db, part.slot, table, {*part.room, 0}, last);
}

}  // namespace

// By ranges of keys: neither database deletes with a LIMIT in the same words.
sql::Result<std::int64_t> delete_some(sql::Connection& db, const SlotPart& part, int limit) {
  for (const auto table : kSlotTables) {
    RESPRING_TRY(const auto rows, read_rows(db, part, table, {}, limit));
    if (rows.empty()) continue;
    RESPRING_TRYV(delete_read(db, part, table, rows.back().key));
    return static_cast<std::int64_t>(rows.size());
  }
  return 0;
}

}  // namespace respring::store
