#include "chat/folded_text.h"

#include <algorithm>
#include <array>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include "chat/utf8.h"

namespace respring::chat {
namespace {

constexpr char32_t kKeycap = 0x20E3;

const icu::Normalizer2& normalizer() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(status);  // ICU's own data: always there
  }();
  return *instance;
}

bool is_plain_cjk(char32_t c) {
  return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x4E00 && c <= 0x9FFF);
}

/// Letters of NFC form that neither fold nor compose with what stands before them.
bool is_settled(char32_t c) { return (c >= 0x20 && c < 0x7F) || is_plain_cjk(c); }

/// Styles other code points; searching looks through it.
bool is_ignored(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_VARIATION_SELECTOR) != 0 ||
         c == 0x00AD || c == 0x034F || c == 0x200C || c == 0x200D || c == 0x2060 || c == 0xFEFF;
}

bool is_cjk_script(char32_t c) {
  if (c == 0x30FC || c == 0xFF70 || c == 0x3005 || c == 0x3006 || c == 0x303C) return true;
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(static_cast<UChar32>(c), &status);
  constexpr std::array kScripts = {USCRIPT_HANGUL, USCRIPT_HAN, USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
                                   USCRIPT_BOPOMOFO};
  return std::find(kScripts.begin(), kScripts.end(), script) != kScripts.end();
}

/// `before` is the class of what a combining mark would stand on.
CharClass class_of(char32_t c, CharClass before) {
  if (is_plain_cjk(c)) return CharClass::cjk;
  const auto type = static_cast<unsigned>(u_charType(static_cast<UChar32>(c)));
  const auto mask = 1U << type;
  if ((mask & U_GC_M_MASK) != 0 && c != kKeycap) {
    return before == CharClass::space ? CharClass::separator : before;
  }
  if ((mask & (U_GC_L_MASK | U_GC_N_MASK)) != 0) {
    return is_cjk_script(c) ? CharClass::cjk : CharClass::word;
  }
  return (mask & U_GC_ZS_MASK) != 0 || c == '\t' ? CharClass::space : CharClass::separator;
}

/// Folds a text piece by piece; a piece ends where normalisation cannot reach across.
class Folder {
 public:
  explicit Folder(std::string_view utf8) : original_(to_code_points(utf8)) {
    out_.points.reserve(original_.size());
  }

  FoldedText run() {
    while (at_ < original_.size()) {
      const std::size_t end = piece_end();
      if (end == at_ + 1 && is_settled(original_[at_])) {
        const char32_t c = original_[at_];
        emit(c >= 'A' && c <= 'Z' ? c + 32 : c, end);
      } else {
        fold_piece(end);
      }
      at_ = end;
    }
    return std::move(out_);
  }

 private:
  std::size_t piece_end() const {
    std::size_t end = at_ + 1;
    while (end < original_.size() && !is_settled(original_[end]) &&
           !normalizer().hasBoundaryBefore(static_cast<UChar32>(original_[end])))
      ++end;
    return end;
  }

  void fold_piece(std::size_t end) {
    icu::UnicodeString piece;
    for (std::size_t i = at_; i < end; ++i) piece.append(static_cast<UChar32>(original_[i]));
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString composed = normalizer().normalize(piece, status);
    composed.foldCase();
    const icu::UnicodeString folded = normalizer().normalize(composed, status);
    for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1))
      emit(static_cast<char32_t>(folded.char32At(i)), end);
  }

  void emit(char32_t c, std::size_t end) {
    if (is_ignored(c)) return;
    auto& points = out_.points;
    if (c == kKeycap && !points.empty()) points.back().kind = CharClass::separator;
    const CharClass before = points.empty() ? CharClass::separator : points.back().kind;
    points.push_back(
        {c, class_of(c, before), static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end)});
  }

  std::u32string original_;
  std::size_t at_ = 0;
  FoldedText out_;
};

}  // namespace

FoldedText folded_text(std::string_view utf8) { return Folder(utf8).run(); }

std::size_t next_in_cjk_run(const FoldedText& text, std::size_t at) {
  if (text.is(at + 1, CharClass::cjk)) return at + 1;
  if (text.is(at + 1, CharClass::space) && text.is(at + 2, CharClass::cjk)) return at + 2;
  return kRunEnds;
}

}  // namespace respring::chat
