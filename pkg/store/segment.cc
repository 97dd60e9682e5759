#include "store/segment.h"

#include <sodium.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"
#include "store/change_body.h"

namespace respring::store {
namespace {

using Cell = SlotRowCopy::Cell;

constexpr int kFormat = 1;
constexpr int kLevel = 6;  // a text of a year ago is written once and read now and then
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

std::string to_hex(std::string_view bytes) {
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  hex.pop_back();
  return hex;
}

std::optional<std::string> from_hex(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  std::size_t length = 0;
  const int failed = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    hex.data(), hex.size(), nullptr, &length, nullptr);
  if (failed != 0 || length != bytes.size() || hex.size() % 2 != 0) return std::nullopt;
  return bytes;
}

void write_row(std::string& lines, SlotTable table, const SlotRowCopy& row) {
  const auto& info = info_of(table);
  json::Writer w;
  w.begin_object().field("table", info.name);
  for (std::size_t i = 1; i < info.columns.size(); ++i) {
    const Cell& cell = row.cells[i];
    if (cell.kind == Cell::Kind::null) continue;
    w.key(info.columns[i].name);
    if (cell.kind == Cell::Kind::number) {
      w.value(cell.number);
    } else {
      w.value(cell.kind == Cell::Kind::bytes ? to_hex(cell.text) : cell.text);
    }
  }
  w.end_object();
  lines += w.text();
  lines += '\n';
}

std::string lines_of(const Segment& segment) {
  json::Writer head;
  head.begin_object().field("format", kFormat).field("room", segment.room.str());
  head.field("first_seq", segment.first_seq).field("last_seq", segment.last_seq);
  head.field("events", segment.events()).end_object();
  std::string lines = head.take() + '\n';
  auto change = segment.changes.begin();
  for (const auto& message : segment.messages) {
    while (change != segment.changes.end() && change->key < message.key)
      write_row(lines, SlotTable::change_event, *change++);
    write_row(lines, SlotTable::message, message);
  }
  while (change != segment.changes.end()) write_row(lines, SlotTable::change_event, *change++);
  return lines;
}

Error damaged(const std::string& why) { return internal("an archived segment is damaged: " + why); }

Result<std::string> unpack(std::string_view object) {
  const auto size = ZSTD_getFrameContentSize(object.data(), object.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return damaged("it is not a zstd frame that says its size");
  if (size > kMostBytes) return damaged("it is larger than 64 MiB");
  std::string lines(size, '\0');
  const auto got = ZSTD_decompress(lines.data(), lines.size(), object.data(), object.size());
  if (ZSTD_isError(got) != 0U || got != size) return damaged("it cannot be unpacked");
  return lines;
}

Result<Cell> cell_from(const json::Value* value, ColumnKind kind) {
  if (value == nullptr) return Cell{};
  if (kind == ColumnKind::number) {
    const auto number = value->as_int();
    if (!number) return damaged("a number is none");
    return Cell{Cell::Kind::number, *number, {}};
  }
  const auto* text = value->as_string();
  if (text == nullptr) return damaged("a text is none");
  if (kind == ColumnKind::text) return Cell{Cell::Kind::text, 0, *text};
  auto bytes = from_hex(*text);
  if (!bytes) return damaged("bytes are not hexadecimal");
  return Cell{Cell::Kind::bytes, 0, std::move(*bytes)};
}

Result<void> read_row(Segment& segment, const json::Value& line) {
  const auto name = line.string_or("table");
  const bool sent = name == info_of(SlotTable::message).name;
  if (!sent && name != info_of(SlotTable::change_event).name) return damaged("an unknown table");
  const auto& info = info_of(sent ? SlotTable::message : SlotTable::change_event);
  SlotRowCopy row;
  row.cells.push_back({Cell::Kind::number, segment.room.value, {}});
  for (std::size_t i = 1; i < info.columns.size(); ++i) {
    RESPRING_TRY(auto cell, cell_from(line.find(info.columns[i].name), info.columns[i].kind));
    row.cells.push_back(std::move(cell));
  }
  row.key = {segment.room, row.cells[1].number};
  (sent ? segment.messages : segment.changes).push_back(std::move(row));
  return success();
}

Result<Segment> read_head(const json::Value& line) {
  if (line.int_or("format") != kFormat)
    return damaged("its format is " + std::to_string(line.int_or("format")));
  const auto room = RoomId::parse(line.string_or("room"));
  if (!room) return damaged("it names no room");
  return Segment{*room, line.int_or("first_seq"), line.int_or("last_seq"), {}, {}};
}

std::optional<std::string> maybe_text(const Cell& cell) {
  return cell.kind == Cell::Kind::null ? std::nullopt : std::optional(cell.text);
}

std::optional<std::int64_t> maybe_number(const Cell& cell) {
  return cell.kind == Cell::Kind::null ? std::nullopt : std::optional(cell.number);
}

std::optional<Time> maybe_time(const Cell& cell) {
  return cell.kind == Cell::Kind::null ? std::nullopt : std::optional(from_ms(cell.number));
}

}  // namespace

std::string encode(const Segment& segment) {
  const auto lines = lines_of(segment);
  std::string object(ZSTD_compressBound(lines.size()), '\0');
  object.resize(ZSTD_compress(object.data(), object.size(), lines.data(), lines.size(), kLevel));
  return object;
}

Result<Segment> decode(std::string_view object) {
  RESPRING_TRY(const auto lines, unpack(object));
  std::optional<Segment> segment;
  for (std::size_t begin = 0; begin < lines.size();) {
    const auto end = std::min(lines.find('\n', begin), lines.size());
    const auto line = json::parse(std::string_view(lines).substr(begin, end - begin));
    if (!line) return damaged("a line is no JSON");
    if (segment) {
      RESPRING_TRYV(read_row(*segment, line.assume_value()));
    } else {
      RESPRING_TRY(segment, read_head(line.assume_value()));
    }
    begin = end + 1;
  }
  if (!segment) return damaged("it is empty");
  if (!is_dense(*segment)) return damaged("events are missing");
  return std::move(*segment);
}

bool is_dense(const Segment& segment) {
  const auto& [room, first, last, messages, changes] = segment;
  if (first < 1 || last < first) return false;
  auto message = messages.begin();
  auto change = changes.begin();
  for (Seq seq = first; seq <= last; ++seq) {
    const bool sent = message != messages.end() && message->key == RowKey{room, seq};
    const bool changed = change != changes.end() && change->key == RowKey{room, seq};
    if (sent == changed) return false;
    if (sent) ++message;
    if (changed) ++change;
  }
  return message == messages.end() && change == changes.end();
}

std::string sha256_of(std::string_view bytes) {
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hash;
}

chat::Message message_of(const SlotRowCopy& row) {
  using enum MessageCell;
  chat::Message message;
  message.room = row.key.room;
  message.seq = cell(row, seq).number;
  message.ordinal = cell(row, ordinal).number;
  message.sender = UserId{cell(row, sender).number};
  const auto& id = cell(row, cid).text;
  if (id.size() == message.cid.bytes.size()) std::ranges::copy(id, message.cid.bytes.begin());
  message.text = maybe_text(cell(row, text));
  message.reply_to = maybe_number(cell(row, reply_to));
  message.attachments = maybe_text(cell(row, attachments)).value_or("[]");
  message.meta = maybe_text(cell(row, meta));
  message.created_at = from_ms(cell(row, created_at).number);
  message.edited_at = maybe_time(cell(row, edited_at));
  message.deleted = cell(row, deleted_at).kind != Cell::Kind::null;
  message.version = cell(row, version).number;
  return message;
}

Result<chat::Event> event_of(const SlotRowCopy& row, RoomEpoch epoch) {
  using enum ChangeCell;
  RESPRING_TRY(auto what, body_from(cell(row, kind).text, maybe_number(cell(row, target)),
                                    maybe_number(cell(row, version)), maybe_text(cell(row, text)),
                                    cell(row, body).text));
  return chat::Event{row.key.room,
                     epoch,
                     cell(row, seq).number,
                     UserId{cell(row, actor).number},
                     from_ms(cell(row, created_at).number),
                     std::move(what)};
}

}  // namespace respring::store
