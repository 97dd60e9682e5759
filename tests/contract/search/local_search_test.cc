#include <gtest/gtest.h>

#include "contract/search/search_contract.h"
#include "contract/temporary_folder.h"
#include "local/search_index.h"
#include "sqlite/connection.h"
#include "store/migrations.h"

namespace respring::testing {
namespace {

/// With the tables of migrations/search.
sql::Connect database(const std::filesystem::path& file) {
  auto connect = sqlite::connector({.path = file.string()});
  const auto connection = connect();
  EXPECT_TRUE(connection);
  EXPECT_TRUE(store::migrate(*connection.value(), store::built_in_migrations("search")));
  return connect;
}

std::unique_ptr<chat::SearchIndex> opened(const std::filesystem::path& file) {
  local::SearchIndexOptions options;
  options.connect = database(file);
  auto index = local::open_search_index(std::move(options));
  EXPECT_TRUE(index) << (index ? "" : index.error().detail);
  return index ? std::move(index).value() : nullptr;
}

/// An index together with the folder it lies in.
std::unique_ptr<chat::SearchIndex> made() {
  static std::vector<std::unique_ptr<TemporaryFolder>> folders;
  folders.push_back(std::make_unique<TemporaryFolder>());
  return opened(folders.back()->path() / "search.db");
}

INSTANTIATE_TEST_SUITE_P(Adapters, SearchContract,
                         ::testing::Values(SearchIndexMaker{"local", made}),
                         [](const auto& maker) { return maker.param.name; });

chat::SearchQuery spring(RoomId room) {
  chat::SearchQuery query;
  query.text = "봄";
  query.rooms = {{room, 1}};
  return query;
}

TEST(LocalSearch, IsThereAgainAfterARestart) {
  const TemporaryFolder folder;
  const RoomId room{3};
  ASSERT_TRUE(opened(folder.path() / "s.db")->write({{room, 1, UserId{1}, from_ms(1), 2, "봄"}}));
  const auto again = opened(folder.path() / "s.db");
  ASSERT_TRUE(again->write({{room, 1, UserId{1}, from_ms(1), 1, "가을"}}));
  Waiting wait;
  EXPECT_EQ(wait(again->search(spring(room))).value().size(), 1U);
}

TEST(LocalSearch, BetterMatchesComeFirstAndOlderOnesBehindTheRankedByAge) {
  const TemporaryFolder folder;
  local::SearchIndexOptions options;
  options.connect = database(folder.path() / "s.db");
  options.ranked = 3;
  const auto index = std::move(local::open_search_index(std::move(options)).value());
  const RoomId room{3};
  const char* texts[] = {"봄", "봄", "봄", "봄날", "봄바람"};  // the oldest first
  for (Seq seq = 1; seq <= 5; ++seq)
    ASSERT_TRUE(index->write({{room, seq, UserId{1}, from_ms(seq), 1, texts[seq - 1]}}));
  Waiting wait;
  std::vector<Seq> order;
  const auto hits = wait(index->search(spring(room)));
  for (const auto& hit : hits.value()) order.push_back(hit.seq);
  EXPECT_EQ(order, (std::vector<Seq>{3, 5, 4, 2, 1}));
}

}  // namespace
}  // namespace respring::testing
