#include "base/fields.h"

#include <algorithm>

namespace respring::json {

Fields::Fields(const Value& value) : value_(value) {}

const Value* Fields::take(std::string_view name, bool required) {
  asked_.emplace_back(name);
  const Value* member = value_.find(name);
  if (member && member->is_null() && !required) return nullptr;
  if (!member && required) fail(name, "required");
  return member;
}

std::optional<std::string> Fields::text(std::string_view name, bool required) {
  const Value* member = take(name, required);
  if (!member) return std::nullopt;
  if (const auto* text = member->as_string()) return *text;
  fail(name, "wrong_type");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, bool required) {
  const Value* member = take(name, required);
  if (!member) return std::nullopt;
  if (const auto number = member->as_int()) return number;
  fail(name, "wrong_type");
  return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name, bool required) {
  const Value* member = take(name, required);
  if (!member) return std::nullopt;
  if (const auto b = member->as_bool()) return b;
  fail(name, "wrong_type");
  return std::nullopt;
}

const Array* Fields::array(std::string_view name, bool required) {
  const Value* member = take(name, required);
  if (!member) return nullptr;
  if (const auto* array = member->as_array()) return array;
  fail(name, "wrong_type");
  return nullptr;
}

const Value* Fields::any(std::string_view name) {
  asked_.emplace_back(name);
  return value_.find(name);
}

bool Fields::has(std::string_view name) const { return value_.find(name) != nullptr; }

void Fields::fail(std::string_view name, std::string_view code) {
  errors_.push_back({std::string(name), std::string(code)});
}

Result<void> Fields::done() const {
  const Object* object = value_.as_object();
  if (!object) return invalid("the body must be a JSON object");
  Error unknown{ErrorCode::unknown_field, "unknown field", {}, {}};
  for (const auto& [key, member] : *object) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      unknown.fields.push_back({key, "unknown"});
  }
  if (!unknown.fields.empty()) {
    unknown.detail = "unknown field: " + unknown.fields.front().field.substr(0, 64);
    return unknown;
  }
  if (errors_.empty()) return success();
  return Error{
      ErrorCode::invalid_request, errors_.front().field + ": " + errors_.front().code, errors_, {}};
}

}  // namespace respring::json
