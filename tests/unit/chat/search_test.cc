#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "chat/search_match.h"
#include "chat/search_terms.h"
#include "chat/text.h"
#include "chat/utf8.h"
#include "unit/chat/decomposed.h"
#include "unit/chat/search_cases.h"
#include "unit/chat/terms_hold.h"

namespace respring::chat {
namespace {

using testing::decomposed;
using testing::terms_hold;
using Kind = TermQuery::Kind;

SearchWords words_of(std::string_view query) {
  auto parsed = parse_search(query);
  EXPECT_TRUE(parsed) << query;
  return parsed ? parsed.value() : SearchWords{};
}

/// The pieces of the text that are highlighted, one after the other, with | between them.
std::string highlighted(std::string_view text, std::string_view query) {
  const auto found = match(text, words_of(query));
  if (!found) return "(nothing)";
  const auto points = to_code_points(text);
  std::string out;
  for (const auto& [start, length] : found->highlights) {
    if (!out.empty()) out += "|";
    out += to_utf8(points.substr(start, length));
  }
  return out;
}

TEST(Search, FindsWhatPeopleExpect) {
  const auto cases = testing::search_cases();
  ASSERT_GE(cases.size(), 100U);
  for (const auto& [text, query, found] : cases) {
    for (const auto& q : {query, decomposed(query)}) {
      const auto search = words_of(q);
      EXPECT_EQ(match(text, search).has_value(), found) << text << " / " << q;
      EXPECT_EQ(match(decomposed(text), search).has_value(), found) << "NFD " << text << " / " << q;
      if (found) {
        EXPECT_TRUE(terms_hold(index_terms(text), query_terms(search))) << text << " / " << q;
      }
    }
  }
}

TEST(Highlights, AreExactlyWhatWasFound) {
  EXPECT_EQ(highlighted("북한산 둘레길입니다", "둘레길"), "둘레길");
  EXPECT_EQ(highlighted("온라인 커뮤니티 안내", "온라인커뮤니티"), "온라인 커뮤니티");
  EXPECT_EQ(highlighted("Garden Club 모임", "gard 모임"), "Gard|모임");
  EXPECT_EQ(highlighted("🎉 봄 그리고 봄", "봄"), "봄|봄");
  EXPECT_EQ(highlighted("봄봄봄", "봄"), "봄봄봄");
  EXPECT_EQ(highlighted("오전10시에", "오전 10시"), "오전10시");
  EXPECT_EQ(highlighted("Straße", "strass"), "Straß");
  EXPECT_EQ(highlighted("Cafe\u0301 2", "café"), "Cafe\u0301");
  EXPECT_EQ(highlighted(decomposed("북한산 둘레길"), "둘레"), decomposed("둘레"));
  EXPECT_EQ(highlighted("가을", "봄"), "(nothing)");
}

TEST(Highlights, CountCodePointsNotBytesOrUtf16) {
  const auto found = match("🎉🎉 둘레길", words_of("둘레길"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->highlights, (std::vector<Highlight>{{3, 3}}));
}

TEST(Match, CountsWholeWords) {
  EXPECT_EQ(match("사진 수업", words_of("사진 수업"))->whole_words, 2U);
  EXPECT_EQ(match("사진수업", words_of("사진 수업"))->whole_words, 0U);
  EXPECT_EQ(match("garden", words_of("gard"))->whole_words, 0U);
  EXPECT_EQ(match("gardens garden", words_of("garden"))->whole_words, 1U);
}

TEST(ParseSearch, RefusesWhatIsTooMuch) {
  const auto code = [](std::string_view query) {
    const auto parsed = parse_search(query);
    return parsed ? std::string() : parsed.error().fields.at(0).code;
  };
  std::string many;
  for (int i = 0; i < 20; ++i) many += std::to_string(i) + " ";
  EXPECT_EQ(code(""), "required");
  EXPECT_EQ(code(std::string(200, 'a')), "");
  EXPECT_EQ(code(std::string(201, 'a')), "too_long");
  EXPECT_EQ(code(many), "");
  EXPECT_EQ(code(many + "21"), "too_many_words");
  EXPECT_EQ(code("\xFF"), "invalid");
  EXPECT_EQ(code(" "), "");
}

TEST(ParseSearch, OnlySeparatorsMeanNoWordsAndMatchNothing) {
  for (const char* query : {" ", "!?", "🎉", "1️⃣", "\n"}) {
    EXPECT_TRUE(words_of(query).empty()) << query;
    EXPECT_TRUE(query_terms(words_of(query)).empty());
    EXPECT_FALSE(match("1 🎉 !?", words_of(query)));
  }
  EXPECT_EQ(words_of("봄 봄 봄").words.size(), 1U);
}

TEST(IndexTerms, ArePairsOfCjkAndWordsOfOthers) {
  const auto terms = index_terms("온라 인, Garden 10시 (A)");
  EXPECT_EQ(terms.grams, (std::vector<std::string>{"온라", "라인", "인", "시"}));
  EXPECT_EQ(terms.words, (std::vector<std::string>{"garden", "10", "a"}));
  EXPECT_TRUE(index_terms("🎉 !?").grams.empty());
}

TEST(QueryTerms, AreConditionsOnThem) {
  EXPECT_EQ(query_terms(words_of("둘레길 봄 gard 10시 오전9")),
            (std::vector<TermQuery>{{Kind::phrase, {"둘레", "레길"}},
                                    {Kind::syllable, {"봄"}},
                                    {Kind::word_prefix, {"gard"}},
                                    {Kind::word, {"10"}},
                                    {Kind::syllable, {"시"}},
                                    {Kind::phrase, {"오전"}},
                                    {Kind::word_prefix, {"9"}}}));
}

TEST(Terms, LongWordsAreCutAlikeInTextAndQuery) {
  const std::string word(150, 'x');
  for (const auto& query : {word.substr(0, 100), word.substr(0, 10), word}) {
    EXPECT_TRUE(match(word + "가", words_of(query)));
    EXPECT_TRUE(terms_hold(index_terms(word + "가"), query_terms(words_of(query))));
  }
  EXPECT_TRUE(terms_hold(index_terms(word + "가"), query_terms(words_of(word + "가"))));
}

/// Texts over an alphabet small enough that pieces of one often occur in another.
std::string any_text(std::size_t longest) {
  static const std::vector<std::u32string> kPieces = {U"가",      U"나",
                                                      U"다",      U"ㅋ",
                                                      U"東",      U"タ",
                                                      U"ー",      U"a",
                                                      U"B",       U"é",
                                                      U"e\u0301", U"1",
                                                      U"2",       U" ",
                                                      U" ",       U"  ",
                                                      U"\n",      U"　",
                                                      U",",       U"🎉",
                                                      U"\uFE0F",  U"\u1100\u1161",
                                                      U"\u1100",  U"\u11A8",
                                                      U"ß",       U"\u0301",
                                                      U"\u200D",  U"\u20E3",
                                                      U"İ",       U"ﬃ",
                                                      U"\u0E01",  U"①",
                                                      U"\u3099",  U"か"};
  const auto indexes = *rc::gen::resize(static_cast<int>(longest),
                                        rc::gen::container<std::vector<std::size_t>>(
                                            rc::gen::inRange<std::size_t>(0, kPieces.size())));
  std::u32string out;
  for (const auto index : indexes) out += kPieces[index];
  return to_utf8(out);
}

/// A piece of the text as somebody may type it: with a space more here and one less there.
std::string any_query_for(std::string_view text) {
  const auto points = to_code_points(text);
  const auto start = *rc::gen::inRange<std::size_t>(0, points.size());
  const auto length = *rc::gen::inRange<std::size_t>(1, 8);
  std::u32string out;
  for (const char32_t c : points.substr(start, length)) {
    const int change = *rc::gen::inRange(0, 8);
    if (change == 0) out += U' ';
    if (change == 1 && c == U' ') continue;
    out += c;
  }
  return to_utf8(out);
}

RC_GTEST_PROP(SearchProperty, NoMatchIsLostByTheTerms, ()) {
  const std::string text = any_text(60);
  RC_PRE(!text.empty());
  const auto terms = index_terms(text);
  std::size_t matches = 0;
  for (int i = 0; i < 50; ++i) {
    const auto search = parse_search(i % 5 == 0 ? any_text(4) : any_query_for(text));
    if (!search || !match(text, search.value())) continue;
    ++matches;
    RC_ASSERT(terms_hold(terms, query_terms(search.value())));
  }
  RC_CLASSIFY(matches > 20, "many matches");
}

RC_GTEST_PROP(SearchProperty, APieceOfATextIsFoundInIt, ()) {
  const auto points = to_code_points(nfc(any_text(40)));
  RC_PRE(!points.empty());
  const auto start = *rc::gen::inRange<std::size_t>(0, points.size());
  const auto search = parse_search(to_utf8(points.substr(start, 100)));
  RC_PRE(search.has_value() && !search.value().empty());
  // From a word's middle on there is nothing to find.
  const auto folded = folded_text(to_utf8(points));
  const auto inside = [&](std::size_t i) {
    return folded.points[i].begin == start && i > 0 && folded.is(i - 1, CharClass::word);
  };
  for (std::size_t i = 0; i < folded.size(); ++i) RC_PRE(!inside(i));
  RC_PRE(folded_text(to_utf8(points.substr(start))).points.front().value != U'\u0301');
  RC_ASSERT(match(to_utf8(points), search.value()).has_value());
}

RC_GTEST_PROP(SearchProperty, FormOfNormalisationDoesNotMatter, ()) {
  const std::string text = any_text(30);
  const std::string query = any_text(4);
  const auto search = parse_search(query);
  const auto composed = parse_search(nfc(query));
  RC_ASSERT(search.has_value() == composed.has_value());
  RC_PRE(search.has_value());
  RC_ASSERT(match(text, search.value()).has_value() ==
            match(nfc(text), composed.value()).has_value());
}

RC_GTEST_PROP(SearchProperty, HighlightsLieInTheTextAndApart, ()) {
  const std::string text = any_text(40);
  const auto search = parse_search(any_text(4));
  RC_PRE(search.has_value());
  const auto found = match(text, search.value());
  RC_PRE(found.has_value());
  std::size_t behind = 0;
  RC_ASSERT(!found->highlights.empty());
  for (const auto& [start, length] : found->highlights) {
    RC_ASSERT(length > 0U);
    RC_ASSERT(behind == 0U || start > behind);
    behind = start + length;
  }
  RC_ASSERT(behind <= count_code_points(text));
}

}  // namespace
}  // namespace respring::chat
