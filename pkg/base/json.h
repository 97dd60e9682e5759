#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

/// JSON as the API speaks it (RFC 8259, I-JSON's strictness). A small value of our own, so that the
/// heavy parser is compiled in one file only.
namespace respring::json {

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;  ///< in the order of the text; keys are unique after parse()

/// One JSON value. The as_…() accessors give nullptr or nothing when it is of another type.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(std::int64_t i) : data_(i) {}
  Value(int i) : data_(std::int64_t{i}) {}
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  std::optional<bool> as_bool() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_number() const;  ///< an integer too
  const std::string* as_string() const { return std::get_if<std::string>(&data_); }
  const Array* as_array() const { return std::get_if<Array>(&data_); }
  const Object* as_object() const { return std::get_if<Object>(&data_); }
  Array* as_array() { return std::get_if<Array>(&data_); }
  Object* as_object() { return std::get_if<Object>(&data_); }

  /// The member of an object, or nullptr (also when this is no object).
  const Value* find(std::string_view key) const;
  /// The member as text, or `fallback`.
  std::string string_or(std::string_view key, std::string fallback = {}) const;
  std::int64_t int_or(std::string_view key, std::int64_t fallback = 0) const;
  bool bool_or(std::string_view key, bool fallback = false) const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_ =
      nullptr;
};

inline constexpr int kMaxNesting = 16;

/// Reads one JSON text. Refused with `invalid_request`: broken JSON, trailing bytes, duplicate
/// keys, invalid UTF-8, lone surrogates, NUL characters, more than `max_nesting` levels.
Result<Value> parse(std::string_view text, int max_nesting = kMaxNesting);

/// The shortest JSON text of a value (object members in their order).
std::string dump(const Value& value);
/// The same indented by two spaces, for people.
std::string dump_pretty(const Value& value);

/// Writes JSON text front to back; commas and escapes are its business, balance is the caller's.
class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(bool b);
  Writer& value(std::int64_t number);
  Writer& value(int number) { return value(std::int64_t{number}); }
  Writer& value(double number);
  Writer& null();
  /// JSON text that is complete in itself.
  Writer& raw(std::string_view json);
  template <class T>
  Writer& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool need_comma_ = false;
};

}  // namespace respring::json
