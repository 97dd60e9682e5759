// What a busy or broken engine does, which a real one does not do when it is told to: an HTTP
// server of our own plays it.

#include <algorithm>
#include <deque>
#include <mutex>
#include <numeric>

#include <gtest/gtest.h>

#include "async/io_pool.h"
#include "elasticsearch/search_index.h"
#include "net/http_server.h"

namespace respring::elasticsearch {
namespace {

constexpr const char* kRoot = R"({"version": {"number": "7.17.29"}})";
constexpr const char* kIndices =
    R"({"respring-messages-v1": {"aliases": {"respring-messages": {}},)"
    R"( "mappings": {"_meta": {"terms": 1}}}})";

/// Answers bulks with what the test has laid ready, then with success.
class EngineInPlay : public ::testing::Test {
 protected:
  using Answer = std::pair<int, std::string>;

  void SetUp() override {
    pool_.start();
    auto answer = [this](net::Request& request) { return answered(*this, request); };
    server_.emplace(pool_, net::HttpServerOptions{}, answer);
    ASSERT_TRUE(server_->start());
    options_.port = server_->port();
    options_.write_timeout = std::chrono::seconds(5);
    options_.refresh = false;
  }
  void TearDown() override { server_.reset(); }

  static Task<net::Response> answered(EngineInPlay& self, net::Request& request) {
    const auto answer = self.answer_to(request);
    co_return net::json_response(answer.first, answer.second);
  }

  Answer answer_to(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    authorization_ = request.headers.find("authorization").value_or("");
    if (request.path == "/") return {root_status_, root_};
    if (request.path == "/_analyze") return {200, "{}"};
    if (request.path.starts_with("/_cluster/health/")) return {200, "{}"};
    if (request.path == "/respring-messages-v*") return {200, kIndices};
    const auto lines = std::count(request.body.begin(), request.body.end(), '\n');
    bulks_.push_back(static_cast<std::size_t>(lines / 2));
    if (answers_.empty()) return {200, R"({"errors": false})"};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  Result<void> write(Seq count) {
    const auto index = make_search_index(options_);
    std::vector<chat::SearchDocument> documents;
    for (Seq seq = 1; seq <= count; ++seq)
      documents.push_back({RoomId{7}, seq, UserId{1}, from_ms(seq), 1, "봄"});
    return index->write(documents);
  }

  async::IoPool pool_{1};
  std::optional<net::HttpServer> server_;
  Options options_;
  std::mutex mutex_;
  int root_status_ = 200;
  std::string root_ = kRoot;
  std::string authorization_;
  std::deque<Answer> answers_;
  std::vector<std::size_t> bulks_;
};

TEST_F(EngineInPlay, WhatItWasTooBusyForIsSentAgainInSmallerBulks) {
  options_.bulk_documents = 160;
  answers_ = {{429, "{}"}, {503, "{}"}, {413, ""}};
  ASSERT_TRUE(write(160));
  const std::vector<std::size_t> expected{160, 80, 40, 20, 23};
  EXPECT_EQ(std::vector(bulks_.begin(), bulks_.begin() + 5), expected) << "and larger again";
  EXPECT_EQ(std::accumulate(bulks_.begin() + 3, bulks_.end(), std::size_t{0}), 160U);
}

TEST_F(EngineInPlay, OnlyTheBusyItemsAreSentAgain) {
  answers_ = {{200, R"({"errors": true, "items": [{"index": {"status": 201}},
      {"index": {"status": 429, "error": {"type": "es_rejected_execution_exception"}}},
      {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}]})"}};
  ASSERT_TRUE(write(3));
  EXPECT_EQ(bulks_, (std::vector<std::size_t>{3, 1}));
}

TEST_F(EngineInPlay, ADocumentThatIsRefusedForGoodDoesNotHinderTheOthers) {
  options_.bulk_documents = 2;
  answers_ = {{200, R"({"errors": true, "items": [
      {"index": {"status": 400, "error": {"type": "mapper_parsing_exception"}}},
      {"index": {"status": 201}}]})"}};
  const auto written = write(4);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::internal);
  EXPECT_NE(written.error().detail.find("7:1"), std::string::npos);
  EXPECT_EQ(bulks_, (std::vector<std::size_t>{2, 2}));
}

TEST_F(EngineInPlay, ThatStaysBusyIsGivenUpInTime) {
  options_.write_timeout = std::chrono::milliseconds(500);
  for (int i = 0; i < 100; ++i) answers_.emplace_back(429, "{}");
  const auto written = write(1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::overloaded);
  EXPECT_GE(bulks_.size(), 2U);
  EXPECT_LE(bulks_.size(), 5U) << "with growing pauses";
}

TEST_F(EngineInPlay, GetsOurLogin) {
  options_.user = "anna";
  options_.password = Secret<std::string>("p@ss:");
  ASSERT_TRUE(write(1));
  EXPECT_EQ(authorization_, "Basic YW5uYTpwQHNzOg==");
}

TEST_F(EngineInPlay, ThatRefusesOurLoginIsNamedWithoutIt) {
  options_.user = "anna";
  options_.password = Secret<std::string>("hidden");
  root_status_ = 401;
  const auto written = write(1);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().detail.find("refuses our login"), std::string::npos);
  EXPECT_EQ(written.error().detail.find("hidden"), std::string::npos);
}

TEST_F(EngineInPlay, OldOrForeignEnginesAreRefused) {
  for (const char* root :
       {R"({"version": {"number": "7.9.3"}})", R"({"version": {"number": "6.8"}})",
        R"({"name": "solr"})", "[]", "hello"}) {
    root_ = root;
    const auto written = write(1);
    ASSERT_FALSE(written) << root;
    EXPECT_EQ(written.error().code, ErrorCode::upstream_unavailable) << root;
  }
  for (const char* root :
       {R"({"version": {"number": "7.10.0"}})", R"({"version": {"number": "9.2.2"}})",
        R"({"version": {"number": "1.3.0", "distribution": "opensearch"}})"}) {
    root_ = root;
    EXPECT_TRUE(write(1)) << root;
  }
}

}  // namespace
}  // namespace respring::elasticsearch
