#include <gtest/gtest.h>

#include "elasticsearch/bulk.h"
#include "elasticsearch/query.h"
#include "elasticsearch/schema.h"

namespace respring::elasticsearch {
namespace {

chat::SearchDocument document(Seq seq, std::optional<std::string> text = "봄 소식") {
  return {RoomId{7}, seq, UserId{5}, from_ms(1'800'000'000'123), 3, std::move(text)};
}

TEST(DocumentId, LeadsToItsPlaceAndNothingElseDoes) {
  const auto hit = hit_of(document_id(RoomId{7}, 12));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->room, RoomId{7});
  EXPECT_EQ(hit->seq, 12);
  for (const char* foreign : {"", "7", "7:", ":12", "a:b", "7:12:1", "-7:1", "7:0"})
    EXPECT_FALSE(hit_of(foreign)) << foreign;
}

TEST(Bulk, ADocumentIsTwoLines) {
  const auto live = document(1);
  const auto body = bulk_json({&live}, 10, 1000);
  EXPECT_EQ(body.documents, 1U);
  EXPECT_EQ(body.text, R"({"index":{"_id":"7:1","version":3,"version_type":"external_gte"}})"
                       "\n"
                       R"({"room":7,"seq":1,"sender":5,"created_at":1800000000123,"live":true,)"
                       R"("text":"봄 소식","grams":"봄소 소식 식","words":""})"
                       "\n");
}

TEST(Bulk, ATombstoneHasNoText) {
  const auto deleted = document(1, std::nullopt);
  const auto text = bulk_json({&deleted}, 10, 1000).text;
  EXPECT_NE(text.find(R"("live":false})"), std::string::npos) << text;
}

TEST(Bulk, HasBoundsButNeverNothing) {
  std::vector<chat::SearchDocument> many;
  for (Seq seq = 1; seq <= 10; ++seq) many.push_back(document(seq));
  Documents documents;
  for (const auto& one : many) documents.push_back(&one);
  EXPECT_EQ(bulk_json(documents, 4, 100'000).documents, 4U);
  const auto two = bulk_json(documents, 2, 100'000).text.size();
  EXPECT_EQ(bulk_json(documents, 10, two).documents, 2U);
  EXPECT_EQ(bulk_json(documents, 10, 1).documents, 1U);
}

TEST(Bulk, EachItemOfTheAnswerCounts) {
  std::vector<chat::SearchDocument> six;
  for (Seq seq = 1; seq <= 6; ++seq) six.push_back(document(seq));
  Documents documents;
  for (const auto& one : six) documents.push_back(&one);
  const auto answer = json::parse(R"({"errors": true, "items": [
      {"index": {"status": 201}},
      {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception"}}},
      {"index": {"status": 429, "error": {"type": "es_rejected_execution_exception"}}},
      {"index": {"status": 400, "error": {"type": "mapper_parsing_exception",
                                          "reason": "Preview of field's value: 'private'"}}},
      {"index": {"status": 503, "error": {"type": "unavailable_shards_exception"}}},
      {"index": {"status": 200}}]})");
  const auto outcome = bulk_outcome(answer.value(), documents);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.value().stored, 2U);
  EXPECT_EQ(outcome.value().older, 1U);
  EXPECT_EQ(outcome.value().again, (Documents{&six[2], &six[4]}));
  EXPECT_EQ(outcome.value().refusals, 1U);
  EXPECT_EQ(outcome.value().refused, "7:4: 400 mapper_parsing_exception")
      << "nothing of what people wrote";
}

TEST(Bulk, AnAnswerToSomethingElseIsAnError) {
  const auto one = document(1);
  for (const char* text : {"{}", "[]", R"({"errors": true})", R"({"errors": true, "items": []})"})
    EXPECT_FALSE(bulk_outcome(json::parse(text).value(), {&one})) << text;
}

std::string body_for(const chat::SearchQuery& query) {
  return search_json(query, chat::parse_search(query.text).value());
}

TEST(SearchBody, RoomsThatBeginAtTheSameSeqShareAClause) {
  chat::SearchQuery query;
  query.text = "봄";
  query.rooms = {{RoomId{1}, 1}, {RoomId{2}, 5}, {RoomId{3}, 0}, {RoomId{4}, 5}};
  const auto body = body_for(query);
  EXPECT_NE(body.find(R"({"terms":{"room":[1,3]}})"), std::string::npos) << body;
  EXPECT_NE(body.find(R"([{"terms":{"room":[2,4]}},{"range":{"seq":{"gte":5}}}])"),
            std::string::npos)
      << body;
}

TEST(SearchBody, NeverHasMoreClausesThanAnEngineTakes) {
  chat::SearchQuery query;
  query.text = "봄";
  for (int i = 1; i <= 2'000; ++i) query.rooms.emplace_back(RoomId{i}, i + 1);
  const auto body = body_for(query);
  std::size_t ranges = 0;
  for (auto at = body.find("gte"); at != std::string::npos; at = body.find("gte", at + 1)) ++ranges;
  EXPECT_EQ(ranges, 400U);
  EXPECT_NE(body.find(R"("gte":2001)"), std::string::npos) << "those that hide most are kept";
}

TEST(SearchBody, IsTheSameHoweverTheQueryWasTyped) {
  chat::SearchQuery composed;
  composed.rooms = {{RoomId{1}, 1}};
  auto decomposed = composed;
  composed.text = "\uBD04";                // 봄
  decomposed.text = "\u1107\u1169\u11B7";  // ㅂㅗㅁ
  EXPECT_EQ(body_for(composed), body_for(decomposed));
}

TEST(Schema, GenerationsAreNumberedIndices) {
  Options options;
  options.name = "chat";
  EXPECT_EQ(generation_of(options, index_name(options, 12)), 12);
  for (const char* foreign : {"chat", "chat-v", "chat-v0", "chat-vx", "chat-v1x", "chat2-v1"})
    EXPECT_EQ(generation_of(options, foreign), std::nullopt) << foreign;
  EXPECT_EQ(target_of(options), "chat");
  options.generation = 3;
  EXPECT_EQ(target_of(options), "chat-v3");
}

}  // namespace
}  // namespace respring::elasticsearch
