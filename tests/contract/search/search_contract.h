#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chat/ports/search_index.h"
#include "chat/search_match.h"
#include "contract/waiting.h"
#include "unit/chat/decomposed.h"
#include "unit/chat/search_cases.h"

/// What every search index must do. An adapter's test instantiates the suite with how to make one.
namespace respring::testing {

struct SearchIndexMaker {
  std::string name;
  /// An empty index. It may share an engine with others of its kind, but no documents.
  std::function<std::unique_ptr<chat::SearchIndex>()> make;
};

class SearchContract : public ::testing::TestWithParam<SearchIndexMaker> {
 protected:
  static constexpr RoomId kRoom{7};
  static constexpr UserId kAnna{100};
  static constexpr UserId kBen{200};

  void put(Seq seq, std::string text, RoomId room = kRoom, UserId sender = kAnna) {
    put_version(seq, 1, std::move(text), room, sender);
  }
  void put_version(Seq seq, Version version, std::optional<std::string> text, RoomId room = kRoom,
                   UserId sender = kAnna) {
    written_[{room, seq}] = text.value_or("");
    ASSERT_TRUE(index_->write({{room, seq, sender, sent_at(seq), version, std::move(text)}}));
  }
  static Time sent_at(Seq seq) { return from_ms(1'800'000'000'000 + seq * 1000); }

  chat::SearchQuery query(std::string text) {
    chat::SearchQuery query;
    query.text = std::move(text);
    query.rooms = {{kRoom, 1}};
    return query;
  }

  /// The places in the order of the answer, of those that match after all.
  std::vector<std::pair<RoomId, Seq>> places(const chat::SearchQuery& query) {
    const auto hits = wait_(index_->search(query));
    EXPECT_TRUE(hits) << query.text;
    const auto words = chat::parse_search(query.text);
    EXPECT_TRUE(words);
    std::vector<std::pair<RoomId, Seq>> out;
    if (!hits || !words) return out;
    for (const auto& [room, seq] : hits.value()) {
      const auto text = written_.find({room, seq});
      EXPECT_NE(text, written_.end()) << "a hit that nobody wrote";
      if (text != written_.end() && chat::match(text->second, words.value()))
        out.emplace_back(room, seq);
    }
    return out;
  }
  std::vector<Seq> found(const chat::SearchQuery& query) {
    std::vector<Seq> out;
    for (const auto& [room, seq] : places(query)) out.push_back(seq);
    return out;
  }
  std::vector<Seq> found(std::string text) { return found(query(std::move(text))); }

  Waiting wait_;  // outlives the index, whose threads may still be handing it an answer
  std::unique_ptr<chat::SearchIndex> index_ = GetParam().make();
  std::map<std::pair<RoomId, Seq>, std::string> written_;
};

using Seqs = std::vector<Seq>;

TEST_P(SearchContract, FindsWhatPeopleExpect) {
  const auto cases = search_cases();
  std::map<std::string, Seq> seqs;
  for (const auto& one : cases) {
    if (seqs.emplace(one.text, static_cast<Seq>(seqs.size() + 1)).second)
      put(seqs.at(one.text), one.text);
  }
  for (const auto& [text, typed, expected] : cases) {
    for (const auto& q : {typed, decomposed(typed)}) {
      auto all = query(q);
      all.limit = static_cast<int>(seqs.size());
      const auto hits = found(all);
      EXPECT_EQ(std::count(hits.begin(), hits.end(), seqs.at(text)), expected ? 1 : 0)
          << text << " / " << q;
    }
  }
}

TEST_P(SearchContract, AnEditReplacesAndADeletionRemoves) {
  put(1, "내일 산책 갑시다");
  put_version(1, 2, "내일 등산 갑시다");
  EXPECT_EQ(found("산책"), Seqs{});
  EXPECT_EQ(found("등산"), Seqs{1});
  put_version(1, 3, std::nullopt);
  EXPECT_EQ(found("등산"), Seqs{});
  EXPECT_EQ(found("내일"), Seqs{});
}

TEST_P(SearchContract, AnOlderVersionThatComesLateChangesNothing) {
  put_version(1, 3, "새로운 글");
  ASSERT_TRUE(index_->write({{kRoom, 1, kAnna, sent_at(1), 2, "예전 글"}}));
  EXPECT_EQ(found("새로운"), Seqs{1});
  EXPECT_EQ(found("예전"), Seqs{});
  put_version(2, 5, std::nullopt);
  ASSERT_TRUE(index_->write({{kRoom, 2, kAnna, sent_at(2), 4, "지운 글"}}));
  EXPECT_EQ(found("지운"), Seqs{});
}

TEST_P(SearchContract, TheHighestVersionOfABatchStays) {
  const Time at = sent_at(1);
  ASSERT_TRUE(index_->write({{kRoom, 1, kAnna, at, 2, "둘째"},
                             {kRoom, 1, kAnna, at, 3, "셋째"},
                             {kRoom, 1, kAnna, at, 1, "첫째"}}));
  written_[{kRoom, 1}] = "셋째";
  EXPECT_EQ(found("셋째"), Seqs{1});
  EXPECT_EQ(found("둘째"), Seqs{});
  EXPECT_EQ(index_->count(kRoom).value(), 1);
}

TEST_P(SearchContract, WritingAgainChangesNothing) {
  for (int i = 0; i < 3; ++i) put(1, "같은 글");
  EXPECT_EQ(found("같은"), Seqs{1});
  EXPECT_EQ(index_->count(RoomId{}).value(), 1);
}

TEST_P(SearchContract, OnlyTheGivenRoomsFromTheirFirstSeqOn) {
  put(1, "봄 소식", RoomId{1});
  put(2, "봄 소식", RoomId{1});
  put(5, "봄 소식", RoomId{2});
  put(9, "봄 소식", RoomId{3});
  auto some = query("봄");
  some.rooms = {{RoomId{1}, 2}, {RoomId{2}, 5}};
  const std::vector<std::pair<RoomId, Seq>> expected = {{RoomId{2}, 5}, {RoomId{1}, 2}};
  EXPECT_EQ(places(some), expected);
  some.rooms = {};
  EXPECT_TRUE(places(some).empty());
}

TEST_P(SearchContract, AMemberOfVeryManyRoomsFindsThemAll) {
  auto all = query("봄");
  all.rooms.clear();
  for (int i = 1; i <= 1500; ++i) all.rooms.emplace_back(RoomId{i}, 1);
  put(1, "봄 소식", RoomId{1});
  put(2, "봄 소식", RoomId{1500});
  put(3, "봄 소식", RoomId{1501});
  EXPECT_EQ(found(all), (Seqs{2, 1}));
}

TEST_P(SearchContract, NarrowsDownBySenderAndTime) {
  put(1, "봄 하나", kRoom, kAnna);
  put(2, "봄 둘", kRoom, kBen);
  put(3, "봄 셋", kRoom, kAnna);
  auto from_anna = query("봄");
  from_anna.sender = kAnna;
  EXPECT_EQ(found(from_anna), (Seqs{3, 1}));
  auto in_time = query("봄");
  in_time.since = sent_at(2);
  EXPECT_EQ(found(in_time), (Seqs{3, 2})) << "since is inclusive";
  in_time.until = sent_at(3);
  EXPECT_EQ(found(in_time), Seqs{2}) << "until is exclusive";
}

TEST_P(SearchContract, NewestFirstAmongEqualMatches) {
  for (const Seq seq : {3, 1, 5, 2, 4}) put(seq, "봄 소식");
  EXPECT_EQ(found("소식"), (Seqs{5, 4, 3, 2, 1}));
  EXPECT_EQ(found("소식"), found("소식"));
}

TEST_P(SearchContract, PagesFollowEachOtherWithoutGapOrRepeat) {
  for (Seq seq = 1; seq <= 25; ++seq) put(seq, "봄 소식 " + std::to_string(seq));
  std::vector<Seq> all;
  for (int page = 0; page < 4; ++page) {
    auto part = query("봄");
    part.limit = 10;
    part.offset = page * 10;
    const auto seqs = found(part);
    all.insert(all.end(), seqs.begin(), seqs.end());
  }
  EXPECT_EQ(all.size(), 25U);
  EXPECT_EQ(std::set<Seq>(all.begin(), all.end()).size(), 25U);
}

TEST_P(SearchContract, CountsTheLiveAndClearsARoomOrAll) {
  put(1, "하나", RoomId{1});
  put(2, "둘", RoomId{1});
  put(1, "셋", RoomId{2});
  put_version(2, 2, std::nullopt, RoomId{1});
  EXPECT_EQ(index_->count(RoomId{1}).value(), 1);
  EXPECT_EQ(index_->count(RoomId{}).value(), 2);
  ASSERT_TRUE(index_->clear(RoomId{1}));
  EXPECT_EQ(index_->count(RoomId{1}).value(), 0);
  EXPECT_EQ(index_->count(RoomId{}).value(), 1);
  put(1, "하나", RoomId{1});  // its version is forgotten too
  EXPECT_EQ(index_->count(RoomId{1}).value(), 1);
  ASSERT_TRUE(index_->clear(RoomId{}));
  EXPECT_EQ(index_->count(RoomId{}).value(), 0);
  auto both = query("하나 셋");
  both.rooms = {{RoomId{1}, 1}, {RoomId{2}, 1}};
  EXPECT_TRUE(places(both).empty());
}

TEST_P(SearchContract, AQueryWithoutWordsFindsNothingAndABadOneIsRefused) {
  put(1, "🎉 봄 !?");
  EXPECT_EQ(found("🎉"), Seqs{});
  EXPECT_EQ(found("\" OR * !?"), Seqs{}) << "OR is a word of the query, nothing else";
  for (const auto& bad : {std::string(), std::string(201, 'a')}) {
    const auto hits = wait_(index_->search(query(bad)));
    ASSERT_FALSE(hits);
    EXPECT_EQ(hits.error().code, ErrorCode::invalid_request);
  }
}

TEST_P(SearchContract, WordsOfTheEnginesOwnLanguageAreJustWords) {
  put(1, "AND OR NOT NEAR grams words scope r7");
  for (const char* word : {"AND", "or", "NOT", "NEAR(", "grams:", "scope : r7", "w* words", "r7"})
    EXPECT_EQ(found(word), Seqs{1}) << word;
  EXPECT_EQ(found("u100"), Seqs{});
  EXPECT_EQ(found("r8"), Seqs{});
}

TEST_P(SearchContract, MessagesOfOneMomentAreAllKept) {
  std::vector<chat::SearchDocument> documents;
  for (Seq seq = 1; seq <= 3000; ++seq) {
    documents.push_back({kRoom, seq, kAnna, sent_at(0), 1, "봄 " + std::to_string(seq)});
    written_[{kRoom, seq}] = *documents.back().text;
  }
  ASSERT_TRUE(index_->write(documents));
  EXPECT_EQ(index_->count(kRoom).value(), 3000);
  auto all = query("봄");
  all.limit = 3000;
  all.since = sent_at(0);
  all.until = sent_at(0) + std::chrono::milliseconds(1);
  auto seqs = found(all);
  std::sort(seqs.begin(), seqs.end());
  ASSERT_EQ(seqs.size(), 3000U);
  EXPECT_EQ(seqs.front(), 1);
  EXPECT_EQ(seqs.back(), 3000);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SearchContract);

}  // namespace respring::testing
