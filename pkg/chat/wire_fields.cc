#include "chat/wire.h"

namespace respring::chat::wire {
namespace {

std::optional<std::int64_t> id_from(std::string_view text) {
  return text == "0" ? std::optional<std::int64_t>(0) : parse_id(text);
}

template <class AnyId>
Result<AnyId> read_id(const json::Value& value) {
  const std::string* text = value.as_string();
  const auto id = text ? id_from(*text) : std::nullopt;
  if (!id) return invalid("not an id");
  return AnyId{*id};
}

}  // namespace

template <>
Result<UserId> read(const json::Value& value) {
  return read_id<UserId>(value);
}

template <>
Result<SessionId> read(const json::Value& value) {
  return read_id<SessionId>(value);
}

template <>
Result<RoomId> read(const json::Value& value) {
  return read_id<RoomId>(value);
}

template <>
Result<bool> read(const json::Value& value) {
  const auto b = value.as_bool();
  if (!b) return invalid("not true or false");
  return *b;
}

Error misread(const Error& why) {
  return unavailable("an answer that is not understood: " + why.detail);
}

std::int64_t take_id_value(json::Fields& fields, std::string_view name) {
  const auto text = fields.text(name);
  if (!text) return 0;
  const auto id = id_from(*text);
  if (!id) fields.fail(name, "invalid");
  return id.value_or(0);
}

std::int64_t take_int(json::Fields& fields, std::string_view name, std::int64_t min,
                      std::int64_t max) {
  const auto number = fields.integer(name);
  if (!number) return min;
  if (*number < min || *number > max) fields.fail(name, "out_of_range");
  return *number;
}

bool take_bool(json::Fields& fields, std::string_view name) {
  return fields.boolean(name).value_or(false);
}

Time take_time(json::Fields& fields, std::string_view name) {
  const auto text = fields.text(name);
  if (!text) return {};
  const auto time = parse_rfc3339(*text);
  if (!time) fields.fail(name, "invalid");
  return time.value_or(Time{});
}

}  // namespace respring::chat::wire
