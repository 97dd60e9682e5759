#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A text as search sees it. Pure; any thread.
namespace respring::chat {

enum class CharClass : std::uint8_t {
  separator,  ///< punctuation, symbols, emoji, control characters, line ends
  space,      ///< white space within a line
  word,       ///< letters and digits of scripts that put spaces between words
  cjk,        ///< Hangul, Han, Kana, Bopomofo: words are not told apart by spaces alone
};

/// The code points in NFC and case folded, without those that only style others (variation
/// selectors, joiners, soft hyphens); of each its class and which code points of the original it
/// stands for. The original may be in any normalisation form.
struct FoldedText {
  struct Point {
    char32_t value = 0;
    CharClass kind = CharClass::separator;
    std::uint32_t begin = 0;  ///< in code points of the original
    std::uint32_t end = 0;
  };
  std::vector<Point> points;

  std::size_t size() const { return points.size(); }
  bool is(std::size_t at, CharClass kind) const {
    return at < points.size() && points[at].kind == kind;
  }
};

FoldedText folded_text(std::string_view utf8);

/// The places at which a piece of CJK goes on behind `at`: the next code point or, across one
/// space, the one behind it; `none` when the run ends.
inline constexpr std::size_t kRunEnds = static_cast<std::size_t>(-1);
std::size_t next_in_cjk_run(const FoldedText& text, std::size_t at);

}  // namespace respring::chat
