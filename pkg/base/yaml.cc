#include "base/yaml.h"

#include <algorithm>
#include <array>

namespace respring {
namespace {

/// Words that YAML would take for something else than text.
bool reserved(std::string word) {
  static constexpr std::array kReserved = {"true", "false", "null", "yes", "no",
                                           "on",   "off",   "y",    "n",   "~"};
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(kReserved, word) != kReserved.end();
}

bool plain(const std::string& text) {
  constexpr std::string_view kSpecial = "#'\"{}[],&*!|>%@`\n\t\r:=\\";
  if (text.empty() || text.find_first_of(kSpecial) != std::string::npos) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  if (text.front() == '-' || text.front() == '?') return false;
  // 12, 0x1f, 1e5, .5: what begins like a number
  if (std::string_view("0123456789+.").find(text.front()) != std::string_view::npos) return false;
  return !reserved(text);
}

/// Whether it can stand as `|` and come back byte for byte.
bool fits_block(const std::string& text) {
  if (text.size() < 2 || text.find('\n') == std::string::npos) return false;
  if (text.front() == ' ' || text.front() == '\n' || text.ends_with("\n\n")) return false;
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
  });
}

void add_block(std::string& out, const std::string& text, const std::string& indent) {
  out += text.ends_with('\n') ? "|\n" : "|-\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out += indent + text.substr(at, end - at);
    out += '\n';
    at = end + 1;
  }
}

bool nested(const json::Value& value) {
  return (value.as_object() != nullptr && !value.as_object()->empty()) ||
         (value.as_array() != nullptr && !value.as_array()->empty());
}

void add(std::string& out, const json::Value& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (const auto* object = value.as_object(); object != nullptr && !object->empty()) {
    for (const auto& [name, member] : *object) {
      out += indent + (plain(name) ? name : json::dump(json::Value(name))) + ":";
      out += nested(member) ? "\n" : " ";
      add(out, member, depth + 1);
    }
  } else if (const auto* array = value.as_array(); array != nullptr && !array->empty()) {
    for (const json::Value& item : *array) {
      std::string text;
      add(text, item, depth + 1);
      // The dash takes the place of the first line's indentation.
      out += indent + "- " + (nested(item) ? text.substr(indent.size() + 2) : text);
    }
  } else if (const auto* text = value.as_string(); text != nullptr && plain(*text)) {
    out += *text + "\n";
  } else if (text != nullptr && fits_block(*text)) {
    add_block(out, *text, indent);
  } else {
    out += json::dump(value) + "\n";  // JSON's scalars and empty collections are YAML
  }
}

}  // namespace

std::string to_yaml(const json::Value& value) {
  std::string out;
  add(out, value, 0);
  return out;
}

}  // namespace respring
