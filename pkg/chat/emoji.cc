// One emoji, by the grammar of UTS 51 (1.4.9, EBNF of possible emoji):
//
//   emoji    = flag | keycap | element (ZWJ element)*
//   flag     = regional_indicator regional_indicator
//   keycap   = [0-9#*] VS16? U+20E3
//   element  = pictograph (skin_tone | VS16 | tags)?
//
// The grammar accepts some sequences nobody has drawn (any two letters as a flag); a client shows
// those as several pictures, which does no harm.

#include <unicode/uchar.h>

#include "chat/text.h"
#include "chat/utf8.h"

namespace respring::chat {
namespace {

constexpr char32_t kZeroWidthJoiner = 0x200D;
constexpr char32_t kEmojiStyle = 0xFE0F;
constexpr char32_t kKeycap = 0x20E3;
constexpr char32_t kTagEnd = 0xE007F;

bool has(char32_t point, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(point), property) != 0;
}

bool is_tag(char32_t point) { return point >= 0xE0020 && point <= 0xE007E; }

bool is_pictograph(char32_t point) {
  return point > 0x7F && has(point, UCHAR_EMOJI) && !has(point, UCHAR_REGIONAL_INDICATOR);
}

class EmojiReader {
 public:
  explicit EmojiReader(std::u32string points) : points_(std::move(points)) {}

  bool is_one() {
    const bool read = flag() || keycap() || joined();
    return read && at_ == points_.size();
  }

 private:
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < points_.size() ? points_[at_ + ahead] : 0;
  }

  bool take(char32_t point) {
    if (peek() != point) return false;
    ++at_;
    return true;
  }

  bool flag() {
    if (!has(peek(), UCHAR_REGIONAL_INDICATOR)) return false;
    if (!has(peek(1), UCHAR_REGIONAL_INDICATOR)) return false;
    at_ += 2;
    return true;
  }

  bool keycap() {
    const char32_t first = peek();
    if (first == 0 || first > 0x7F || !has(first, UCHAR_EMOJI)) return false;
    ++at_;
    take(kEmojiStyle);
    return take(kKeycap);
  }

  bool joined() {
    do {
      if (!element()) return false;
    } while (take(kZeroWidthJoiner));
    return true;
  }

  bool element() {
    const char32_t pictograph = peek();
    if (!is_pictograph(pictograph)) return false;
    ++at_;
    if (has(pictograph, UCHAR_EMOJI_MODIFIER_BASE) && has(peek(), UCHAR_EMOJI_MODIFIER)) {
      ++at_;
      return true;
    }
    take(kEmojiStyle);
    if (!is_tag(peek())) return true;
    while (is_tag(peek())) ++at_;
    return take(kTagEnd);
  }

  std::u32string points_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_one_emoji(std::string_view utf8) {
  return !utf8.empty() && is_valid_utf8(utf8) && EmojiReader(to_code_points(utf8)).is_one();
}

}  // namespace respring::chat
