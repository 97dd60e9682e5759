#include "chat/hangul.h"

#include <algorithm>
#include <array>
#include <utility>

#include <unicode/uchar.h>

#include "chat/text.h"
#include "chat/utf8.h"

namespace respring::chat {
namespace {

// Unicode 3.12: a syllable is 0xAC00 + (initial × 21 + vowel) × 28 + final.
constexpr char32_t kFirstSyllable = 0xAC00;
constexpr char32_t kLastSyllable = 0xD7A3;
constexpr char32_t kSyllablesPerInitial = 21 * 28;
constexpr char32_t kFirstInitial = 0x1100;  // conjoining
constexpr std::u32string_view kInitials = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr char32_t kFirstConsonant = 0x3131;  // compatibility
constexpr char32_t kLastConsonant = 0x314E;

constexpr std::array<std::pair<char32_t, std::u32string_view>, 11> kJoined = {{
    {U'ㄳ', U"ㄱㅅ"},
    {U'ㄵ', U"ㄴㅈ"},
    {U'ㄶ', U"ㄴㅎ"},
    {U'ㄺ', U"ㄹㄱ"},
    {U'ㄻ', U"ㄹㅁ"},
    {U'ㄼ', U"ㄹㅂ"},
    {U'ㄽ', U"ㄹㅅ"},
    {U'ㄾ', U"ㄹㅌ"},
    {U'ㄿ', U"ㄹㅍ"},
    {U'ㅀ', U"ㄹㅎ"},
    {U'ㅄ', U"ㅂㅅ"},
}};

bool is_consonant(char32_t point) { return point >= kFirstConsonant && point <= kLastConsonant; }

bool is_syllable(char32_t point) { return point >= kFirstSyllable && point <= kLastSyllable; }

void append_initial(std::u32string& out, char32_t point) {
  if (is_syllable(point)) {
    out += kInitials[(point - kFirstSyllable) / kSyllablesPerInitial];
  } else if (point >= kFirstInitial && point < kFirstInitial + kInitials.size()) {
    out += kInitials[point - kFirstInitial];
  } else if (u_isUWhiteSpace(static_cast<UChar32>(point)) == 0) {
    const auto joined = std::find_if(kJoined.begin(), kJoined.end(),
                                     [point](const auto& pair) { return pair.first == point; });
    joined == kJoined.end() ? out += point : out += joined->second;
  }
}

}  // namespace

std::string initials(std::string_view text) {
  std::u32string out;
  for (const char32_t point : to_code_points(fold(text))) append_initial(out, point);
  return to_utf8(out);
}

bool is_initials_query(std::string_view query) {
  bool asks = false;
  for (const char32_t point : to_code_points(fold(query))) {
    std::u32string initial;
    append_initial(initial, point);
    if (is_syllable(point)) return false;
    const bool consonant = !initial.empty() && is_consonant(initial.front());
    if (!consonant && !initial.empty() && u_isalnum(static_cast<UChar32>(point)) == 0) return false;
    const bool vowel = point > kLastConsonant && point <= 0x318E;  // ㅏ is no initial
    if (vowel) return false;
    asks = asks || consonant;
  }
  return asks;
}

std::string initials_query(std::string_view query) { return initials(query); }

}  // namespace respring::chat
