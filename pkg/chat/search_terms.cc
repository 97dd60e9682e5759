#include "chat/search_terms.h"

#include <algorithm>
#include <utility>

#include "chat/limits.h"
#include "chat/text.h"
#include "chat/utf8.h"

namespace respring::chat {
namespace {

using Point = FoldedText::Point;
using Word = SearchWords::Word;

bool separates(CharClass kind) { return kind == CharClass::separator || kind == CharClass::space; }

bool same_word(const Word& a, const Word& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Point& x, const Point& y) { return x.value == y.value; });
}

std::string gram(char32_t first, char32_t second) {
  std::string out;
  append_utf8(out, first);
  append_utf8(out, second);
  return out;
}

std::string single(char32_t point) {
  std::string out;
  append_utf8(out, point);
  return out;
}

/// The word of `points[at, end)`, cut to what a term may hold.
std::string word_term(const std::vector<Point>& points, std::size_t at, std::size_t end) {
  std::string out;
  end = std::min(end, at + kMaxWordTermCodePoints);
  for (; at < end; ++at) append_utf8(out, points[at].value);
  return out;
}

/// The end of the points of one class that begin at `at`.
std::size_t class_end(const std::vector<Point>& points, std::size_t at) {
  std::size_t end = at + 1;
  while (end < points.size() && points[end].kind == points[at].kind) ++end;
  return end;
}

TermQuery cjk_query(const Word& word, std::size_t at, std::size_t end) {
  if (end - at == 1) return {TermQuery::Kind::syllable, {single(word[at].value)}};
  TermQuery query;
  for (; at + 1 < end; ++at) query.terms.push_back(gram(word[at].value, word[at + 1].value));
  return query;
}

/// Appends the grams of the run that begins at `at`; answers where it ends.
std::size_t append_run(const FoldedText& text, std::size_t at, std::vector<std::string>& grams) {
  while (true) {
    const std::size_t next = next_in_cjk_run(text, at);
    if (next == kRunEnds) break;
    grams.push_back(gram(text.points[at].value, text.points[next].value));
    at = next;
  }
  grams.push_back(single(text.points[at].value));
  return at + 1;
}

}  // namespace

Result<SearchWords> parse_search(std::string_view query) {
  RESPRING_TRYV(checked_text("q", query, 1, kMaxQueryCodePoints));
  SearchWords search;
  Word word;
  const auto finish = [&search, &word] {
    const auto known = [&word](const Word& other) { return same_word(word, other); };
    if (!word.empty() && std::none_of(search.words.begin(), search.words.end(), known))
      search.words.push_back(std::move(word));
    word.clear();
  };
  for (const Point& point : folded_text(query).points)
    separates(point.kind) ? finish() : word.push_back(point);
  finish();
  if (search.words.size() > kMaxQueryWords) return invalid_field("q", "too_many_words");
  return search;
}

IndexTerms index_terms(std::string_view text) {
  const FoldedText folded = folded_text(text);
  IndexTerms terms;
  for (std::size_t at = 0; at < folded.size();) {
    switch (folded.points[at].kind) {
      case CharClass::cjk:
        at = append_run(folded, at, terms.grams);
        break;
      case CharClass::word: {
        const std::size_t end = class_end(folded.points, at);
        terms.words.push_back(word_term(folded.points, at, end));
        at = end;
        break;
      }
      case CharClass::separator:
      case CharClass::space:
        ++at;
    }
  }
  return terms;
}

std::vector<TermQuery> query_terms(const SearchWords& search) {
  std::vector<TermQuery> queries;
  for (const Word& word : search.words) {
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t end = class_end(word, at);
      if (word[at].kind == CharClass::cjk) {
        queries.push_back(cjk_query(word, at, end));
      } else {
        const auto kind = end == word.size() ? TermQuery::Kind::word_prefix : TermQuery::Kind::word;
        queries.push_back({kind, {word_term(word, at, end)}});
      }
      at = end;
    }
  }
  return queries;
}

}  // namespace respring::chat
