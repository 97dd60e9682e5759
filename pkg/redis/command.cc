#include "redis/command.h"

#include <array>
#include <charconv>

namespace respring::redis {
namespace {

void append_head(std::string& out, char kind, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out += kind;
  out.append(digits.data(), end);
  out += "\r\n";
}

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> words) {
  append_head(out, '*', words.size());
  for (const auto word : words) {
    append_head(out, '$', word.size());
    out += word;
    out += "\r\n";
  }
}

}  // namespace respring::redis
