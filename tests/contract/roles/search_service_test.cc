#include "services/search/service.h"

#include "role_world.h"

namespace respring::roles {
namespace {

/// Finds one message, whatever is looked for.
class OneHit final : public chat::SearchIndex {
 public:
  explicit OneHit(chat::SearchHit hit) : hit_(hit) {}
  Result<void> write(const std::vector<chat::SearchDocument>&) override { return success(); }
  Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery) override {
    co_return std::vector<chat::SearchHit>(1, hit_);
  }
  Result<std::int64_t> count(RoomId) override { return 1; }
  Result<void> clear(RoomId) override { return success(); }

 private:
  chat::SearchHit hit_;
};

/// Loses some answers about messages.
class LosingCaller final : public net::HttpCaller {
 public:
  LosingCaller(net::HttpCaller& http, int losses) : http_(http), left_(losses) {}
  Task<Result<net::ClientResponse>> call(net::ClientRequest request,
                                         net::Deadline deadline) override {
    const bool lost = request.target == "/internal/message/messages" && left_-- > 0;
    if (lost) co_return Error{ErrorCode::upstream_unavailable, "lost", {}, {}};
    co_return co_await http_.call(std::move(request), deadline);
  }

 private:
  net::HttpCaller& http_;
  int left_;
};

class SearchServiceTest : public ::testing::Test {
 protected:
  Result<search::Page> find_with(int losses) {
    LosingCaller http(*world.http, losses);
    const net::RoleClient role(http, world.seal);
    message::WriteLanes::Options options;
    options.executor = world.io.at(1).get_executor();
    message::RoomLogClient log(role, options);
    const Seq seq = world.room_world.say(room, kMinji, "봄이 왔다").seq;
    OneHit index({room, seq});
    search::SearchService service({index, log, *world.rooms});
    search::Request request;
    request.reader = kMinji;
    request.text = "봄이";
    request.room = room;
    return world.wait(service.find(request));
  }

  RoleWorld world;
  RoomId room = world.room_world.group();
};

TEST_F(SearchServiceTest, LooksAgainWhenAShardGoesWhileItReads) {
  const auto page = find_with(1);
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_EQ(page.value().hits.size(), 1U);
}

TEST_F(SearchServiceTest, DoesNotLookForEver) {
  const auto page = find_with(5);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::overloaded);
}

}  // namespace
}  // namespace respring::roles
