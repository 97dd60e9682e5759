#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "sql/connection.h"

/// The tables whose rows belong to a slot and move with it. A table that is added to a shard with a
/// slot in its key must be added here; a test compares the columns with the schema.
namespace respring::store {

/// Stored in journals and progress: the numbers stay.
enum class SlotTable : std::uint8_t {
  room = 1,
  message = 2,
  change_event = 3,
  reaction = 4,
  member = 5,
  read_cursor = 6,
  archive_segment = 7,
  archived_event = 8,
};
inline constexpr std::array kSlotTables = {SlotTable::room,
                                           SlotTable::message,
                                           SlotTable::change_event,
                                           SlotTable::reaction,
                                           SlotTable::member,
                                           SlotTable::read_cursor,
                                           SlotTable::archive_segment,
                                           SlotTable::archived_event};

enum class ColumnKind : std::uint8_t { number, text, bytes };

struct SlotColumn {
  std::string_view name;
  ColumnKind kind;
};

/// A table and its columns without `slot`; the room's id is the first one. `key` is what follows
/// the room's id in the primary key, a number; empty where there is one row per room. Rows may
/// share it (reactions do): they are copied and compared together.
struct SlotTableInfo {
  std::string_view name;
  std::string_view key;
  std::vector<SlotColumn> columns;

  /// A condition: one room's keys behind (`>`), at (`=`) or up to (`<=`) a place.
  std::string within_room(std::string_view comparison) const;
};
const SlotTableInfo& info_of(SlotTable table);
std::optional<SlotTable> slot_table_of(std::int64_t number);

/// A place in a table's order.
struct RowKey {
  RoomId room;
  std::int64_t key = 0;  ///< 0 in a table without one
  auto operator<=>(const RowKey&) const = default;
};

/// What a write has changed: the rows of one key, or without it all of the room in that table.
struct Touched {
  SlotTable table = SlotTable::room;
  RoomId room;
  std::optional<std::int64_t> key;
  auto operator<=>(const Touched&) const = default;
};
/// As it stands in the journal: `room` or `room key`.
std::string to_text(const Touched& touched);
std::optional<Touched> touched_from(std::int64_t table, std::string_view text);

/// A row as it is, to be put into another database unchanged.
struct SlotRowCopy {
  struct Cell {
    enum class Kind : std::uint8_t { null, number, text, bytes } kind = Kind::null;
    std::int64_t number = 0;
    std::string text;  ///< or bytes
    bool operator==(const Cell&) const = default;
  };
  RowKey key;
  std::vector<Cell> cells;  ///< in the order of the columns
  bool operator==(const SlotRowCopy&) const = default;
};
std::int64_t size_of(const std::vector<SlotRowCopy>& rows);

/// All of a slot, or one of its rooms alone.
struct SlotPart {
  std::int32_t slot = 0;
  std::optional<RoomId> room{};
};

/// Rows behind `after` in the order of the primary key, at least `limit` if there are as many; all
/// rows of a key come together.
sql::Result<std::vector<SlotRowCopy>> read_rows(sql::Connection& db, const SlotPart& part,
                                                SlotTable table, const RowKey& after, int limit);
/// The rows behind `after` up to and including `last`.
sql::Result<std::vector<SlotRowCopy>> read_range(sql::Connection& db, std::int32_t slot,
                                                 SlotTable table, const RowKey& after,
                                                 const RowKey& last);
sql::Result<std::vector<SlotRowCopy>> read_touched(sql::Connection& db, std::int32_t slot,
                                                   const Touched& touched);
/// The same of many, each named once, in their order.
sql::Result<std::vector<std::vector<SlotRowCopy>>> read_all_touched(
    sql::Connection& db, std::int32_t slot, const std::vector<Touched>& touched);
/// Whether this names one row at most, as opposed to several of one key or room.
bool names_one_row(const Touched& touched);

/// Rows behind `after` up to and including `last` go; without `last`, all behind `after`.
sql::Result<void> delete_range(sql::Connection& db, std::int32_t slot, SlotTable table,
                               const RowKey& after, const std::optional<RowKey>& last);
sql::Result<void> delete_touched(sql::Connection& db, std::int32_t slot, const Touched& touched);
/// Where no row of these keys is: a sixth faster than to replace.
sql::Result<void> insert_copies(sql::Connection& db, std::int32_t slot, SlotTable table,
                                const std::vector<SlotRowCopy>& rows);
/// Rows of these keys that are there already are replaced.
sql::Result<void> replace_copies(sql::Connection& db, std::int32_t slot, SlotTable table,
                                 const std::vector<SlotRowCopy>& rows);
/// Deletes some rows; how many, 0 when there are none left.
sql::Result<std::int64_t> delete_some(sql::Connection& db, const SlotPart& part, int limit);
sql::Result<std::int64_t> count_of(sql::Connection& db, const SlotPart& part, SlotTable table);
/// What it will take where it is copied to: an upper estimate.
sql::Result<std::int64_t> bytes_of(sql::Connection& db, const SlotPart& part);

}  // namespace respring::store
