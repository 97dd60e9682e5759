#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "chat/commands.h"
#include "chat/types.h"

/// The product's types with all their fields, as roles send them to one another. Not the API: what
/// people may see is chat/codec.h, which messages and events share with it. Reading refuses with
/// `invalid_request` or `unknown_field` whatever writing does not produce.
namespace respring::chat::wire {

using Steady = std::chrono::steady_clock;

inline constexpr int kMaxLimit = 10'000;  ///< of a page between roles

void write(json::Writer& w, const User& user);
void write(json::Writer& w, const Session& session);
void write(json::Writer& w, const Message& message);
void write(json::Writer& w, const Event& event);
void write(json::Writer& w, const Member& member);
void write(json::Writer& w, const Founder& founder);
void write(json::Writer& w, const Head& head);
void write(json::Writer& w, const RoomView& room);
void write(json::Writer& w, const ReachableRooms& rooms);
void write(json::Writer& w, const Cursor& cursor);
void write(json::Writer& w, const HistoryQuery& query);
void write(json::Writer& w, const History& history);
void write(json::Writer& w, const LogPage& page);
void write(json::Writer& w, const SyncItem& item);
void write(json::Writer& w, const Command& command);
void write(json::Writer& w, const Written& written);
/// The deadline as what is left of it at `now`, at most an hour.
void write(json::Writer& w, const Write& write, Steady::time_point now);
template <class Tag>
void write(json::Writer& w, const Id<Tag>& id) {
  w.value(id.str());
}
template <class T>
void write(json::Writer& w, const std::vector<T>& items) {
  w.begin_array();
  for (const T& item : items) write(w, item);
  w.end_array();
}

template <class T>
std::string to_text(const T& value) {
  json::Writer w;
  write(w, value);
  return w.take();
}

/// `read<User>(value)`.
template <class T>
Result<T> read(const json::Value& value);
template <>
Result<User> read(const json::Value& value);
template <>
Result<Session> read(const json::Value& value);
template <>
Result<Message> read(const json::Value& value);
template <>
Result<Event> read(const json::Value& value);
template <>
Result<Member> read(const json::Value& value);
template <>
Result<Founder> read(const json::Value& value);
template <>
Result<Head> read(const json::Value& value);
template <>
Result<RoomView> read(const json::Value& value);
template <>
Result<ReachableRooms> read(const json::Value& value);
template <>
Result<Cursor> read(const json::Value& value);
template <>
Result<HistoryQuery> read(const json::Value& value);
template <>
Result<History> read(const json::Value& value);
template <>
Result<LogPage> read(const json::Value& value);
template <>
Result<SyncItem> read(const json::Value& value);
template <>
Result<Command> read(const json::Value& value);
template <>
Result<Written> read(const json::Value& value);
template <>
Result<UserId> read(const json::Value& value);
template <>
Result<SessionId> read(const json::Value& value);
template <>
Result<RoomId> read(const json::Value& value);
template <>
Result<bool> read(const json::Value& value);
Result<Write> read_write(const json::Value& value, Steady::time_point now);

/// What another role's answer says; its error, or `upstream_unavailable` when it is not understood.
template <class T>
Result<T> answer(const Result<json::Value>& answer);
template <class T>
Result<std::vector<T>> answers(const Result<json::Value>& answer);
Error misread(const Error& why);

// For the fields of a call. What is wrong is noted there and shown by fields.done().

/// A decimal text; "0" is no id, which exists nowhere.
std::int64_t take_id_value(json::Fields& fields, std::string_view name);
template <class AnyId>
AnyId take_id(json::Fields& fields, std::string_view name) {
  return AnyId{take_id_value(fields, name)};
}
std::int64_t take_int(json::Fields& fields, std::string_view name, std::int64_t min = 0,
                      std::int64_t max = INT64_MAX);
bool take_bool(json::Fields& fields, std::string_view name);
Time take_time(json::Fields& fields, std::string_view name);

template <class T>
T take(json::Fields& fields, std::string_view name) {
  const json::Value* value = fields.any(name);
  auto result = value ? read<T>(*value) : Result<T>(invalid("is missing"));
  if (!result) fields.fail(name, "invalid");
  return result ? std::move(result).assume_value() : T{};
}
/// Nothing when it is absent or null.
template <class T>
std::optional<T> take_optional(json::Fields& fields, std::string_view name) {
  const json::Value* value = fields.any(name);
  if (!value || value->is_null()) return std::nullopt;
  return take<T>(fields, name);
}
template <class T>
std::vector<T> take_all(json::Fields& fields, std::string_view name) {
  std::vector<T> items;
  const json::Array* array = fields.array(name);
  if (!array) return items;
  items.reserve(array->size());
  for (const json::Value& value : *array) {
    auto item = read<T>(value);
    if (!item) {
      fields.fail(name, "invalid");
      break;
    }
    items.push_back(std::move(item).assume_value());
  }
  return items;
}

template <class T>
Result<T> answer(const Result<json::Value>& answer) {
  RESPRING_TRYV(answer);
  auto value = read<T>(answer.assume_value());
  if (!value) return misread(value.assume_error());
  return value;
}

template <class T>
Result<std::vector<T>> answers(const Result<json::Value>& answer) {
  RESPRING_TRYV(answer);
  const json::Array* array = answer.assume_value().as_array();
  if (!array) return misread(invalid("not a list"));
  std::vector<T> items;
  items.reserve(array->size());
  for (const json::Value& value : *array) {
    auto item = read<T>(value);
    if (!item) return misread(item.assume_error());
    items.push_back(std::move(item).assume_value());
  }
  return items;
}

}  // namespace respring::chat::wire
