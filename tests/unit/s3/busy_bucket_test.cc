// What a busy, broken or wrong server does, which a real one does not do when it is told to: an
// HTTP server of our own plays it.

#include <deque>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "async/io_pool.h"
#include "net/http_server.h"
#include "s3/blob_store.h"

namespace respring::s3 {
namespace {

constexpr const char* kNoSuchKey = "<Error><Code>NoSuchKey</Code></Error>";

/// Answers with what the test has laid ready, then with success.
class BucketInPlay : public ::testing::Test {
 protected:
  using Answer = std::pair<int, std::string>;

  void SetUp() override {
    pool_.start();
    auto answer = [this](net::Request& request) { return answered(*this, request); };
    server_.emplace(pool_, net::HttpServerOptions{}, answer);
    ASSERT_TRUE(server_->start());
    options_.bucket = "chat";
    options_.endpoint = "http://127.0.0.1:" + std::to_string(server_->port());
    options_.access_key = "anna";
    options_.secret_key = Secret<std::string>("hunter2");
    options_.first_backoff = std::chrono::milliseconds(1);
  }
  void TearDown() override { server_.reset(); }

  static Task<net::Response> answered(BucketInPlay& self, net::Request& request) {
    const auto answer = self.answer_to(request);
    net::Response response = net::json_response(answer.first, answer.second);
    if (answer.first == 307) response.headers.add("Location", self.options_.endpoint + "/else");
    co_return response;
  }

  Answer answer_to(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    ++asked_;
    hashes_.insert(std::string(request.headers.find("x-amz-content-sha256").value_or("")));
    authorization_ = request.headers.find("authorization").value_or("");
    if (answers_.empty()) return {200, "value"};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  std::unique_ptr<chat::BlobStore> store() { return make_blob_store(options_); }

  async::IoPool pool_{1};
  std::optional<net::HttpServer> server_;
  Options options_;
  std::mutex mutex_;
  std::deque<Answer> answers_;
  int asked_ = 0;
  std::set<std::string> hashes_;
  std::string authorization_;
};

TEST_F(BucketInPlay, WhatIsBusyIsAskedAgain) {
  answers_ = {{503, "<Error><Code>SlowDown</Code></Error>"}, {500, ""}, {429, ""}};
  EXPECT_EQ(store()->get("a").value(), "value");
  EXPECT_EQ(asked_, 4);
}

TEST_F(BucketInPlay, ButNotForEver) {
  answers_.assign(10, {503, "<Error><Code>SlowDown</Code></Error>"});
  const auto refused = store()->put("a", "1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  EXPECT_NE(refused.error().detail.find("503 SlowDown"), std::string::npos);
  EXPECT_EQ(asked_, options_.attempts);
}

TEST_F(BucketInPlay, NorBeyondTheDeadline) {
  answers_.assign(10, {503, ""});
  options_.first_backoff = std::chrono::hours(1);
  EXPECT_FALSE(store()->put("a", "1"));
  EXPECT_EQ(asked_, 1);
}

TEST_F(BucketInPlay, ARefusalIsNotAskedAgain) {
  for (const int status : {400, 403, 404, 409, 501}) {
    asked_ = 0;
    answers_ = {{status, "<Error><Code>Anything</Code></Error>"}};
    EXPECT_FALSE(store()->put("a", "1")) << status;
    EXPECT_EQ(asked_, 1) << status;
  }
}

TEST_F(BucketInPlay, OnlyS3SaysThatAKeyIsMissing) {
  answers_ = {{404, kNoSuchKey}, {404, kNoSuchKey}, {404, "<html>not here</html>"}};
  EXPECT_EQ(store()->get("a").error().code, ErrorCode::not_found);
  EXPECT_TRUE(store()->remove("a"));
  EXPECT_EQ(store()->get("a").error().code, ErrorCode::internal);
}

TEST_F(BucketInPlay, NobodyLeadsElsewhere) {
  answers_ = {{307, ""}};
  const auto refused = store()->get("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::upstream_unavailable);
  EXPECT_NE(refused.error().detail.find("region="), std::string::npos) << refused.error().detail;
  EXPECT_EQ(asked_, 1);
}

TEST_F(BucketInPlay, AListThatIsNoneIsNotEmpty) {
  answers_ = {{200, "<html>Welcome</html>"}};
  EXPECT_EQ(store()->list("").error().code, ErrorCode::upstream_unavailable);
}

TEST_F(BucketInPlay, APageThatFollowsItselfEndsTheList) {
  const Answer page = {200,
                       "<ListBucketResult><Contents><Key>a</Key></Contents><IsTruncated>true"
                       "</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
                       "</ListBucketResult>"};
  answers_.assign(10, page);
  EXPECT_EQ(store()->list("").error().code, ErrorCode::upstream_unavailable);
  EXPECT_EQ(asked_, 2);
}

TEST_F(BucketInPlay, WhatOthersKeepInTheBucketIsNotListed) {
  options_.prefix = "site/";
  answers_ = {{200,
               "<ListBucketResult><Contents><Key>site/</Key></Contents><Contents><Key>site/b</Key>"
               "</Contents><Contents><Key>site/Bild.png</Key></Contents><Contents><Key>site/a</Key>"
               "</Contents></ListBucketResult>"}};
  EXPECT_EQ(store()->list("").value(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(BucketInPlay, AnAnswerThatIsTooLargeIsLeft) {
  options_.max_bytes = 100;
  answers_ = {{200, std::string(101, 'x')}, {200, std::string(5'000'000, 'x')}};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(store()->get("a").error().code, ErrorCode::payload_too_large);
  EXPECT_EQ(store()->put("a", std::string(101, 'x')).error().code, ErrorCode::payload_too_large);
  EXPECT_EQ(asked_, 2);
}

TEST_F(BucketInPlay, SignsTheHashOfTheBodyAndShowsNoSecret) {
  ASSERT_TRUE(store()->put("a", "abc"));
  EXPECT_EQ(hashes_, std::set<std::string>{
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"});
  EXPECT_NE(authorization_.find("Credential=anna/"), std::string::npos) << authorization_;
  EXPECT_NE(authorization_.find("x-amz-content-sha256"), std::string::npos) << authorization_;
  EXPECT_EQ(authorization_.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace respring::s3
