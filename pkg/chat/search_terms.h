#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/folded_text.h"

/// What a search means, the same on every engine. Pure; any thread.
///
/// A query is cut into words at spaces, punctuation and emoji; all of them must occur. Of a word,
/// CJK matches anywhere, also where the text has one space more or less than the query; letters and
/// digits of other scripts match from the beginning of a word on; a mixed word (10시, 오전10시) is
/// found as one piece. NFC and case folded, so how it was typed does not matter.
///
/// An engine indexes index_terms() of each text and looks for those that have all query_terms():
/// a superset of what match() of search_match.h then finds for good, and never less.
namespace respring::chat {

inline constexpr std::size_t kMaxQueryWords = 20;
/// Terms of letters and digits are cut here, in the index and in queries.
inline constexpr std::size_t kMaxWordTermCodePoints = 64;

/// The words of a query. None, when it had only separators: that matches nothing.
struct SearchWords {
  using Word = std::vector<FoldedText::Point>;  ///< only `word` and `cjk`, never empty
  std::vector<Word> words;                      ///< no two alike

  bool empty() const { return words.empty(); }
};

/// `invalid_request` with field `q`: `required` when it is empty, `too_long` above 200 code points,
/// `too_many_words` above 20, `invalid` UTF-8.
Result<SearchWords> parse_search(std::string_view query);

/// What a text is found by; order counts. All terms are letters, digits and marks: of ASCII only
/// [a-z0-9].
struct IndexTerms {
  /// Of each run of CJK, where single spaces do not end a run, the overlapping pairs and at its end
  /// the last character alone: 가나 다 → 가나 나다 다. So every character begins a gram, and no
  /// phrase of pairs reaches from one run into the next.
  std::vector<std::string> grams;
  /// The words of other scripts.
  std::vector<std::string> words;
};

IndexTerms index_terms(std::string_view text);

/// One condition on the terms of a text.
struct TermQuery {
  enum class Kind : std::uint8_t {
    phrase,       ///< these grams next to each other, in this order
    syllable,     ///< a gram that begins with this character
    word,         ///< exactly this word
    word_prefix,  ///< a word that begins so
  };
  Kind kind = Kind::phrase;
  std::vector<std::string> terms;  ///< more than one only for a phrase
  bool operator==(const TermQuery&) const = default;
};

/// All of them must hold. Empty only if there are no words.
std::vector<TermQuery> query_terms(const SearchWords& search);

}  // namespace respring::chat
