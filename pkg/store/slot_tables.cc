#include "store/slot_tables.h"

#include <charconv>
#include <map>

namespace respring::store {
namespace {

using enum ColumnKind;

using Infos = std::map<SlotTable, SlotTableInfo>;

void add_archive(Infos& infos) {
  infos[SlotTable::archive_segment] = {"archive_segment",
                                       "first_seq",
                                       {{"room_id", number},
                                        {"first_seq", number},
                                        {"last_seq", number},
                                        {"messages", number},
                                        {"object_key", text},
                                        {"sha256", bytes},
                                        {"bytes", number},
                                        {"created_at", number}}};
  infos[SlotTable::archived_event] = {"archived_event",
                                      "seq",
                                      {{"room_id", number},
                                       {"seq", number},
                                       {"ordinal", number},
                                       {"sender_id", number},
                                       {"cid", bytes},
                                       {"content_hash", bytes},
                                       {"live", number},
                                       {"target_seq", number}}};
}

Infos make_infos() {
  Infos infos;
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
                             {"deleted_at", number},
                             {"archived_seq", number}}};
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
  add_archive(infos);
  return infos;
}

}  // namespace

const SlotTableInfo& info_of(SlotTable table) {
  static const auto kInfos = make_infos();
  return kInfos.at(table);
}

std::string SlotTableInfo::within_room(std::string_view comparison) const {
  return "room_id=? AND " + std::string(key) + std::string(comparison) + "?";
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

bool names_one_row(const Touched& touched) {
  return info_of(touched.table).key.empty() ||
         (touched.key && touched.table != SlotTable::reaction);
}

}  // namespace respring::store
