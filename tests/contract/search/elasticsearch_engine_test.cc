// What is special about the index on an engine: it is looked at, it dies and comes back, and it has
// generations.

#include <chrono>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "contract/search/engines.h"
#include "contract/waiting.h"
#include "elasticsearch/generations.h"
#include "elasticsearch/search_index.h"
#include "stack/endpoints.h"

namespace respring::testing {
namespace {

constexpr RoomId kRoom{7};

chat::SearchDocument spring(Seq seq, Version version = 1) {
  return {kRoom, seq, UserId{1}, from_ms(seq), version, "봄 소식 " + std::to_string(seq)};
}

chat::SearchQuery query(std::string text) {
  chat::SearchQuery query;
  query.text = std::move(text);
  query.rooms = {{kRoom, 1}};
  return query;
}

class EngineTest : public ::testing::Test {
 protected:
  std::size_t hits(chat::SearchIndex& index, std::string text) {
    const auto found = wait_(index.search(query(std::move(text))));
    EXPECT_TRUE(found) << (found ? "" : found.error().detail);
    return found ? found.value().size() : 0;
  }

  Waiting wait_;
};

/// Waits until the index finds itself in that state.
void await_state(const elasticsearch::SearchIndex& index, health::State state) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (index.status().state != state && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_EQ(index.status().state, state) << index.status().reason;
}

/// "" if the result is a value.
template <class T>
std::string failure_of(const Result<T>& result) {
  return result ? "" : result.error().detail;
}

TEST_F(EngineTest, SaysWhatItIs) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  const auto engine = wait_(index->check());
  ASSERT_EQ(failure_of(engine), "");
  EXPECT_EQ(engine.value().opensearch, engine_in_use() == "opensearch");
  EXPECT_FALSE(engine.value().version.empty());
}

TEST_F(EngineTest, KnowsWhatItHasOfAMessage) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  auto deleted = spring(2, 4);
  deleted.text.reset();
  ASSERT_EQ(failure_of(index->write({spring(1, 3), deleted})), "");
  const auto live = index->find(kRoom, 1);
  const auto tombstone = index->find(kRoom, 2);
  const auto nothing = index->find(kRoom, 3);
  ASSERT_TRUE(live && live.value() && tombstone && tombstone.value() && nothing);
  EXPECT_EQ(live.value()->version, 3);
  EXPECT_TRUE(live.value()->live);
  EXPECT_EQ(tombstone.value()->version, 4);
  EXPECT_FALSE(tombstone.value()->live);
  EXPECT_FALSE(nothing.value());
}

TEST_F(EngineTest, ListsItsRoomsInTheOrderOfNumbers) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  std::vector<chat::SearchDocument> documents;
  for (const std::int64_t room : {10L, 9L, 200L, 1'000'000'000'000'000'003L}) {
    documents.push_back(spring(1));
    documents.back().room = RoomId{room};
  }
  ASSERT_EQ(failure_of(index->write(documents)), "");
  const std::vector<RoomId> behind_nine{RoomId{10}, RoomId{200}};
  EXPECT_EQ(index->rooms(RoomId{9}, 2).value(), behind_nine);
  const std::vector<RoomId> last{RoomId{1'000'000'000'000'000'003}};
  EXPECT_EQ(index->rooms(RoomId{200}, 2).value(), last);
}

TEST_F(EngineTest, BetterMatchesComeBeforeNewerOnes) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  auto written = [&](Seq seq, const char* text) {
    auto document = spring(seq);
    document.text = text;
    ASSERT_EQ(failure_of(index->write({document})), "");
  };
  written(1, "학교 급식 안내");
  written(2, "정치학교수");  // 정치학 + 교수
  const auto found = wait_(index->search(query("학교")));
  ASSERT_TRUE(found);
  ASSERT_EQ(found.value().size(), 2U) << "parts of words are found too";
  EXPECT_EQ(found.value().front().seq, 1) << "and the word itself comes first";
}

TEST_F(EngineTest, RoomsWithManyDifferentBeginningsAreAskedForAll) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  auto far = spring(5'000);
  far.room = RoomId{2'900};
  ASSERT_EQ(failure_of(index->write({far})), "");
  auto all = query("봄");
  all.rooms.clear();
  for (int i = 1; i <= 3'000; ++i) all.rooms.emplace_back(RoomId{i}, i);
  const auto found = wait_(index->search(std::move(all)));
  ASSERT_EQ(failure_of(found), "");
  EXPECT_EQ(found.value().size(), 1U);
}

TEST_F(EngineTest, BeyondTheWindowIsRefused) {
  const auto index = elasticsearch::make_search_index(fresh_index());
  auto far = query("봄");
  far.offset = 49'960;
  const auto found = wait_(index->search(std::move(far)));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::invalid_request);
}

TEST_F(EngineTest, ANewGenerationIsBuiltBesideTheOldOneAndSwitchedTo) {
  const auto options = fresh_index();
  const auto serving = elasticsearch::make_search_index(options);
  ASSERT_EQ(failure_of(serving->write({spring(1)})), "");
  elasticsearch::Generations generations(options);
  const auto made = generations.create();
  ASSERT_EQ(failure_of(made), "");
  EXPECT_EQ(made.value().number, 2);
  auto building_options = options;
  building_options.generation = 2;
  building_options.refresh = false;
  const auto building = elasticsearch::make_search_index(building_options);
  ASSERT_EQ(failure_of(building->write({spring(1), spring(2)})), "");
  EXPECT_EQ(hits(*serving, "소식"), 1U) << "the old one serves";
  EXPECT_EQ(building->count(RoomId{}).value(), 2);

  ASSERT_EQ(failure_of(generations.serve(2)), "");
  EXPECT_EQ(hits(*serving, "소식"), 2U);
  EXPECT_EQ(generations.remove(2).error().code, ErrorCode::conflict);
  ASSERT_EQ(failure_of(generations.serve(1)), "") << "going back is a switch too";
  EXPECT_EQ(hits(*serving, "소식"), 1U);
  ASSERT_EQ(failure_of(generations.remove(2)), "");
  EXPECT_EQ(generations.list().value().size(), 1U);
  EXPECT_EQ(generations.serve(2).error().code, ErrorCode::not_found);
}

TEST_F(EngineTest, AnIndexWithOtherTermsIsNotSearched) {
  const auto options = fresh_index();
  ask_engine(
      options, "PUT", "/" + options.name + "-v1",
      R"({"mappings": {"_meta": {"terms": 999}}, "aliases": {")" + options.name + R"(": {}}})");
  const auto index = elasticsearch::make_search_index(options);
  EXPECT_NE(failure_of(wait_(index->search(query("봄")))).find("respring search reindex"),
            std::string::npos);
}

TEST_F(EngineTest, AnIndexThatVanishesIsMadeAgain) {
  const auto options = fresh_index();
  const auto index = elasticsearch::make_search_index(options);
  ASSERT_EQ(failure_of(index->write({spring(1)})), "");
  ask_engine(options, "DELETE", "/" + options.name + "-v1");
  const auto first = index->write({spring(2)});
  ASSERT_FALSE(first) << "nothing is written into an index that the engine makes up";
  EXPECT_EQ(first.error().code, ErrorCode::upstream_unavailable);
  ASSERT_EQ(failure_of(index->write({spring(2)})), "");
  EXPECT_EQ(hits(*index, "소식"), 1U);
}

TEST_F(EngineTest, ManyDocumentsGoInSeveralBulksAndAreVisibleTogether) {
  auto options = fresh_index();
  options.bulk_documents = 100;
  options.bulk_bytes = 8'000;
  const auto index = elasticsearch::make_search_index(options);
  std::vector<chat::SearchDocument> documents;
  for (Seq seq = 1; seq <= 1'234; ++seq) documents.push_back(spring(seq));
  ASSERT_EQ(failure_of(index->write(documents)), "");
  EXPECT_EQ(index->count(kRoom).value(), 1'234);
}

TEST_F(EngineTest, ADeadEngineSaysSoAndEverythingIsThereWhenItIsBack) {
  stack::PrivateServer engine("elasticsearch");
  auto options = fresh_index_at(engine.endpoints().search_url());
  const auto index = elasticsearch::make_search_index(options);
  ASSERT_EQ(failure_of(index->write({spring(1)})), "");
  EXPECT_EQ(index->status().state, health::State::failed) << "it has not been searched yet";
  index->watch();
  await_state(*index, health::State::ok);
  engine.kill();
  const auto dead = wait_(index->search(query("봄")));
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().code, ErrorCode::upstream_unavailable);
  EXPECT_FALSE(index->write({spring(2)}));
  EXPECT_FALSE(wait_(index->check()));
  EXPECT_EQ(index->status().state, health::State::degraded);
  EXPECT_NE(index->status().reason, "");
  engine.start();
  await_state(*index, health::State::ok);  // although nobody has asked
  EXPECT_EQ(hits(*index, "소식"), 1U) << "what was acknowledged was on disk";
  ASSERT_EQ(failure_of(index->write({spring(2)})), "");
  EXPECT_EQ(hits(*index, "소식"), 2U);
}

TEST_F(EngineTest, AnEngineWithoutKoreanIsNamedWithTheCommand) {
  setenv("RESPRING_STACK_WITHOUT", "nori", 1);
  const stack::PrivateServer plain("elasticsearch");
  unsetenv("RESPRING_STACK_WITHOUT");
  const auto index =
      elasticsearch::make_search_index(fresh_index_at(plain.endpoints().search_url()));
  const auto engine = wait_(index->check());
  EXPECT_NE(failure_of(engine).find("install analysis-nori"), std::string::npos)
      << failure_of(engine);
  EXPECT_FALSE(index->write({spring(1)}));
}

}  // namespace
}  // namespace respring::testing
