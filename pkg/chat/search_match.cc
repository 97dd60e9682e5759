#include "chat/search_match.h"

#include <algorithm>

namespace respring::chat {
namespace {

using Word = SearchWords::Word;

/// Where a word was found: the points `first` to `last` of the text.
struct Found {
  std::size_t first = 0;
  std::size_t last = 0;
  bool whole = false;
};

bool same(const FoldedText& text, std::size_t at, const FoldedText::Point& wanted) {
  return at < text.size() && text.points[at].value == wanted.value &&
         text.points[at].kind == wanted.kind;
}

/// Where the word must go on behind `at`. Behind CJK a single space may be passed over.
std::size_t next_place(const FoldedText& text, std::size_t at) {
  const bool after_cjk = text.points[at].kind == CharClass::cjk;
  const bool passes_space = after_cjk && text.is(at + 1, CharClass::space);
  return passes_space ? at + 2 : at + 1;
}

bool stands_alone(const FoldedText& text, const Found& found) {
  const auto kind_of = [&text](std::size_t at) { return text.points[at].kind; };
  const bool begins = found.first == 0 || kind_of(found.first - 1) != kind_of(found.first);
  return begins && !text.is(found.last + 1, kind_of(found.last));
}

/// The word with its beginning exactly at `first`.
std::optional<Found> found_at(const FoldedText& text, std::size_t first, const Word& word) {
  if (!same(text, first, word.front())) return std::nullopt;
  const bool inside_word = first > 0 && text.is(first - 1, CharClass::word);
  if (word.front().kind == CharClass::word && inside_word) return std::nullopt;
  Found found{first, first, true};
  for (std::size_t i = 1; i < word.size(); ++i) {
    const std::size_t next = next_place(text, found.last);
    if (!same(text, next, word[i])) return std::nullopt;
    found.whole = found.whole && next == found.last + 1;
    found.last = next;
  }
  found.whole = found.whole && stands_alone(text, found);
  return found;
}

std::vector<Found> find_all(const FoldedText& text, const Word& word) {
  std::vector<Found> all;
  for (std::size_t at = 0; at < text.size();) {
    const auto found = found_at(text, at, word);
    if (found) all.push_back(*found);
    at = found ? found->last + 1 : at + 1;
  }
  return all;
}

std::vector<Highlight> merged(std::vector<Highlight> pieces) {
  std::sort(pieces.begin(), pieces.end(), [](const Highlight& a, const Highlight& b) {
    return a.start != b.start ? a.start < b.start : a.length > b.length;
  });
  std::vector<Highlight> out;
  for (const Highlight& piece : pieces) {
    if (out.empty() || piece.start > out.back().start + out.back().length) {
      out.push_back(piece);
      continue;
    }
    const std::size_t end =
        std::max(out.back().start + out.back().length, piece.start + piece.length);
    out.back().length = end - out.back().start;
  }
  return out;
}

}  // namespace

std::optional<Match> match(std::string_view text, const SearchWords& search) {
  if (search.empty()) return std::nullopt;
  const FoldedText folded = folded_text(text);
  Match match;
  for (const Word& word : search.words) {
    const auto all = find_all(folded, word);
    if (all.empty()) return std::nullopt;
    for (const Found& found : all) {
      const std::size_t start = folded.points[found.first].begin;
      match.highlights.push_back({start, folded.points[found.last].end - start});
    }
    const auto whole = [](const Found& found) { return found.whole; };
    if (std::any_of(all.begin(), all.end(), whole)) ++match.whole_words;
  }
  match.highlights = merged(std::move(match.highlights));
  return match;
}

}  // namespace respring::chat
