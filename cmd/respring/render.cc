#include <algorithm>
#include <array>

#include "respring/console.h"

namespace respring::cmd {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Wide characters (Unicode Standard Annex 11, W and F), as far as terminals agree.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF},
    Range{0x20000, 0x3FFFD},
};
/// Characters that take no column of their own: combining marks, joiners, variation selectors.
constexpr std::array kNone = {
    Range{0x0300, 0x036F}, Range{0x1160, 0x11FF}, Range{0x200B, 0x200F},
    Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF},
};

template <std::size_t n>
bool within(const std::array<Range, n>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range r) { return c >= r.first && c <= r.last; });
}

/// The next code point; a broken byte counts as itself.
char32_t next(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  char32_t c = lead;
  if (lead >= 0xF0) {
    length = 4;
    c = lead & 0x07;
  } else if (lead >= 0xE0) {
    length = 3;
    c = lead & 0x0F;
  } else if (lead >= 0xC0) {
    length = 2;
    c = lead & 0x1F;
  }
  if (length > text.size()) length = 1;
  for (std::size_t i = 1; i < length; ++i) {
    c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  text.remove_prefix(length);
  return c;
}

bool plain_yaml(const std::string& text) {
  constexpr std::string_view kSpecial = "#'\"{}[],&*!|>%@`\n\t:";
  const bool word = !text.empty() && text.find_first_of(kSpecial) == std::string::npos &&
                    text.front() != ' ' && text.back() != ' ' && text.front() != '-' &&
                    text.front() != '?';
  // Words that YAML would take for something else than text.
  static constexpr std::array kReserved = {"true", "false", "null", "yes", "no", "on", "off", "~"};
  // 12, 0x1f, 1e5, .5: what begins like a number
  const bool number = !text.empty() &&
                      std::string_view("0123456789+.").find(text.front()) != std::string_view::npos;
  return word && !number && std::ranges::find(kReserved, text) == kReserved.end();
}

void add_yaml(std::string& out, const json::Value& value, int depth);

void add_yaml_member(std::string& out, const json::Value& value, int depth) {
  const bool nested = (value.as_object() != nullptr && !value.as_object()->empty()) ||
                      (value.as_array() != nullptr && !value.as_array()->empty());
  out += nested ? "\n" : " ";
  add_yaml(out, value, depth);
}

void add_yaml(std::string& out, const json::Value& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (const auto* object = value.as_object(); object != nullptr && !object->empty()) {
    for (const auto& [name, member] : *object) {
      out += indent + (plain_yaml(name) ? name : json::dump(json::Value(name))) + ":";
      add_yaml_member(out, member, depth + 1);
    }
  } else if (const auto* array = value.as_array(); array != nullptr && !array->empty()) {
    for (const json::Value& item : *array) {
      std::string nested;
      add_yaml(nested, item, depth + 1);
      // The dash takes the place of the first line's indentation.
      const bool block = nested.starts_with(indent + "  ");
      out += indent + "- " + (block ? nested.substr(indent.size() + 2) : nested);
    }
  } else if (const auto* text = value.as_string(); text != nullptr && plain_yaml(*text)) {
    out += *text + "\n";
  } else {
    out += json::dump(value) + "\n";  // JSON's scalars and empty collections are YAML
  }
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const char32_t c = next(text);
    if (!within(kNone, c)) width += within(kWide, c) ? 2 : 1;
  }
  return width;
}

std::string render_table(const Table& table) {
  std::vector<std::vector<std::string>> lines = table.rows;
  if (!table.head.empty()) lines.insert(lines.begin(), table.head);
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths[i] - display_width(line[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string render_yaml(const json::Value& value) {
  std::string out;
  add_yaml(out, value, 0);
  return out;
}

}  // namespace respring::cmd
