#include "base/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include <nlohmann/json.hpp>

namespace respring::json {
namespace {

using Library = nlohmann::json;

/// Builds our Value from the library's SAX events and refuses what the API refuses. The library
/// itself refuses invalid UTF-8 and lone surrogates.
class Builder final : public Library::json_sax_t {
 public:
  explicit Builder(int max_nesting) : max_nesting_(max_nesting) {}

  bool null() override { return put(Value()); }
  bool boolean(bool b) override { return put(Value(b)); }
  bool number_integer(std::int64_t i) override { return put(Value(i)); }
  bool number_unsigned(std::uint64_t u) override {
    return u <= static_cast<std::uint64_t>(INT64_MAX) ? put(Value(static_cast<std::int64_t>(u)))
                                                      : put(Value(static_cast<double>(u)));
  }
  bool number_float(double d, const std::string&) override {
    return std::isfinite(d) ? put(Value(d)) : refuse("a number is out of range");
  }
  bool string(std::string& s) override {
    return s.find('\0') == std::string::npos ? put(Value(std::move(s)))
                                             : refuse("a text holds the character NUL");
  }
  bool binary(Library::binary_t&) override { return refuse("binary value"); }

  bool start_object(std::size_t) override { return open(Value(Object{})); }
  bool key(std::string& name) override {
    if (name.find('\0') != std::string::npos) return refuse("a key holds the character NUL");
    if (!levels_.back().keys.insert(name).second)
      return refuse("the key '" + name.substr(0, 40) + "' stands twice");
    levels_.back().key = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value(Array{})); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&, const Library::exception&) override {
    return refuse("not valid JSON at byte " + std::to_string(position));
  }

  Value take() { return std::move(root_); }
  const std::string& why() const { return why_; }

 private:
  struct Level {
    Value value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  bool refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  bool open(Value container) {
    if (static_cast<int>(levels_.size()) >= max_nesting_) {
      return refuse("nested deeper than " + std::to_string(max_nesting_) + " levels");
    }
    levels_.push_back({std::move(container), {}, {}});
    return true;
  }
  bool close() {
    Value done = std::move(levels_.back().value);
    levels_.pop_back();
    return put(std::move(done));
  }
  bool put(Value value) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (Level& top = levels_.back(); Object* object = top.value.as_object()) {
      object->emplace_back(std::move(top.key), std::move(value));
    } else {
      top.value.as_array()->push_back(std::move(value));
    }
    return true;
  }

  int max_nesting_;
  Value root_;
  std::vector<Level> levels_;
  std::string why_;
};

void write_escaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, plain);
  out += '"';
}

void write_value(Writer& w, const Value& value) {
  if (const auto* object = value.as_object()) {
    w.begin_object();
    for (const auto& [key, member] : *object) {
      w.key(key);
      write_value(w, member);
    }
    w.end_object();
  } else if (const auto* array = value.as_array()) {
    w.begin_array();
    for (const auto& item : *array) write_value(w, item);
    w.end_array();
  } else if (const auto* text = value.as_string()) {
    w.value(*text);
  } else if (const auto b = value.as_bool()) {
    w.value(*b);
  } else if (const auto i = value.as_int()) {
    w.value(*i);
  } else if (const auto d = value.as_number()) {
    w.value(*d);
  } else {
    w.null();
  }
}

}  // namespace

std::optional<bool> Value::as_bool() const {
  const auto* b = std::get_if<bool>(&data_);
  return b ? std::optional(*b) : std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
  const auto* i = std::get_if<std::int64_t>(&data_);
  return i ? std::optional(*i) : std::nullopt;
}

std::optional<double> Value::as_number() const {
  if (const auto* d = std::get_if<double>(&data_)) return *d;
  if (const auto i = as_int()) return static_cast<double>(*i);
  return std::nullopt;
}

const Value* Value::find(std::string_view key) const {
  const auto* object = as_object();
  if (!object) return nullptr;
  for (const auto& [name, member] : *object) {
    if (name == key) return &member;
  }
  return nullptr;
}

std::string Value::string_or(std::string_view key, std::string fallback) const {
  const Value* member = find(key);
  const std::string* text = member ? member->as_string() : nullptr;
  return text ? *text : std::move(fallback);
}

std::int64_t Value::int_or(std::string_view key, std::int64_t fallback) const {
  const Value* member = find(key);
  return member ? member->as_int().value_or(fallback) : fallback;
}

bool Value::bool_or(std::string_view key, bool fallback) const {
  const Value* member = find(key);
  return member ? member->as_bool().value_or(fallback) : fallback;
}

Result<Value> parse(std::string_view text, int max_nesting) {
  Builder builder(max_nesting);
  if (!Library::sax_parse(text.begin(), text.end(), &builder)) return invalid(builder.why());
  return builder.take();
}

std::string dump(const Value& value) {
  Writer writer;
  write_value(writer, value);
  return writer.take();
}

std::string dump_pretty(const Value& value) {
  return nlohmann::ordered_json::parse(dump(value)).dump(2);
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  need_comma_ = false;
  return *this;
}

Writer& Writer::end_object() {
  out_ += '}';
  need_comma_ = true;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  need_comma_ = false;
  return *this;
}

Writer& Writer::end_array() {
  out_ += ']';
  need_comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  write_escaped(out_, name);
  out_ += ':';
  need_comma_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  write_escaped(out_, text);
  need_comma_ = true;
  return *this;
}

Writer& Writer::value(bool b) { return raw(b ? "true" : "false"); }
Writer& Writer::null() { return raw("null"); }

Writer& Writer::value(std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  std::array<char, 40> digits{};
  auto* end = std::to_chars(digits.data(), digits.data() + digits.size() - 2, number).ptr;
  // 5.0 stays a fraction: what is read again must be the same value of the same type.
  if (std::string_view(digits.data(), end).find_first_of(".e") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  need_comma_ = true;
  return *this;
}

void Writer::separate() {
  if (need_comma_) out_ += ',';
  need_comma_ = false;
}

}  // namespace respring::json
