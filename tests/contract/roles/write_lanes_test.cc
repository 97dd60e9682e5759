#include <future>
#include <latch>
#include <map>

#include "async/completion.h"
#include "role_world.h"

// What only the client over HTTP can show: batches, bounds and lost answers.
namespace respring::roles {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class WriteLanesTest : public ::testing::Test {
 protected:
  /// A client of its own, with small limits.
  std::unique_ptr<message::RoomLogClient> client(std::size_t lanes, std::size_t queue_limit,
                                                 std::size_t batch_bytes = 1024 * 1024) {
    message::WriteLanes::Options options;
    options.executor = world.io.at(1).get_executor();
    options.lanes = lanes;
    options.queue_limit = queue_limit;
    options.batch_bytes = batch_bytes;
    return std::make_unique<message::RoomLogClient>(*world.role, options);
  }
  /// The codes of refusals, `nullopt` for successes, in the order of the writes.
  static std::vector<std::optional<ErrorCode>> write_all(chat::RoomLog& log,
                                                         std::vector<chat::Write> writes) {
    std::vector<std::promise<std::optional<ErrorCode>>> answers(writes.size());
    for (std::size_t i = 0; i < writes.size(); ++i) {
      log.submit(std::move(writes[i]), [&answer = answers[i]](Result<chat::Written> result) {
        answer.set_value(result ? std::nullopt : std::optional(result.error().code));
      });
    }
    std::vector<std::optional<ErrorCode>> codes;
    for (auto& answer : answers) codes.push_back(answer.get_future().get());
    return codes;
  }
  std::vector<chat::Write> some_writes(int count, const std::string& text = "말") {
    std::vector<chat::Write> writes;
    for (int i = 0; i < count; ++i)
      writes.push_back(RoomWorld::request(room, kMinji, RoomWorld::text(text)));
    return writes;
  }
  /// Keeps the lanes' loop busy until the writes are queued, as one turn of the loop would.
  std::vector<std::optional<ErrorCode>> write_in_one_turn(chat::RoomLog& log,
                                                          std::vector<chat::Write> writes) {
    std::promise<std::vector<std::future<std::optional<ErrorCode>>>> queued;
    asio::post(world.io.at(1).get_executor(), [&] {
      std::vector<std::future<std::optional<ErrorCode>>> answers;
      for (chat::Write& write : writes) {
        auto answer = std::make_shared<std::promise<std::optional<ErrorCode>>>();
        answers.push_back(answer->get_future());
        log.submit(std::move(write), [answer](Result<chat::Written> result) {
          answer->set_value(result ? std::nullopt : std::optional(result.error().code));
        });
      }
      queued.set_value(std::move(answers));
    });
    std::vector<std::optional<ErrorCode>> codes;
    for (auto& answer : queued.get_future().get()) codes.push_back(answer.get());
    return codes;
  }
  static auto count(const std::vector<std::optional<ErrorCode>>& codes,
                    std::optional<ErrorCode> code) {
    return std::count(codes.begin(), codes.end(), code);
  }

  RoleWorld world;
  RoomId room = world.room_world.group();
};

TEST_F(WriteLanesTest, WhatArrivesInOneTurnOfTheLoopIsOneRequest) {
  auto log = client(1, 1000);
  EXPECT_EQ(count(write_in_one_turn(*log, some_writes(100)), std::nullopt), 100);
  EXPECT_EQ(world.write_requests, 1);
}

TEST_F(WriteLanesTest, ABatchHasALimitInBytesAndOneInWrites) {
  auto log = client(1, 1000, 10'000);
  const std::string text(3000, 'x');
  EXPECT_EQ(count(write_in_one_turn(*log, some_writes(10, text)), std::nullopt), 10);
  EXPECT_EQ(world.write_requests, 4);  // three of them in each
  world.write_requests = 0;
  auto other = client(1, 1000);
  EXPECT_EQ(count(write_in_one_turn(*other, some_writes(300)), std::nullopt), 300);
  EXPECT_EQ(world.write_requests, 2);
}

// I9, with every role its own process.
TEST_F(WriteLanesTest, AShardThatHangsHoldsUpNoOthersRooms) {
  auto log = client(1, 1000);
  std::map<std::int64_t, RoomId> room_of;  // one for each shard
  while (room_of.size() < 2) {
    const auto one = world.room_world.group();
    room_of[world.room_world.log->lane_of(one)] = one;
  }
  const auto say_in = [&](std::int64_t shard) {
    auto answer = std::make_shared<std::promise<bool>>();
    log->submit(RoomWorld::request(room_of[shard], kMinji, RoomWorld::text("말")),
                [answer](Result<chat::Written> result) { answer->set_value(!!result); });
    return answer->get_future();
  };
  for (const std::int64_t shard : {0, 1}) EXPECT_TRUE(say_in(shard).get());  // now it knows them
  const auto holder = world.room_world.shard("shard-1");
  ASSERT_TRUE(holder->begin(sql::Begin::write));
  auto waiting = say_in(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(say_in(0).get());
  EXPECT_EQ(waiting.wait_for(seconds(0)), std::future_status::timeout);
  holder->rollback();
  EXPECT_TRUE(waiting.get());
}

TEST_F(WriteLanesTest, AFullQueueRefusesAtOnce) {
  auto log = client(1, 10);
  const auto codes = write_in_one_turn(*log, some_writes(15));
  EXPECT_EQ(count(codes, std::nullopt), 10);
  EXPECT_EQ(count(codes, ErrorCode::overloaded), 5);
  EXPECT_EQ(world.room_world.view(room, kMinji).head.ordinal, 10);
  EXPECT_EQ(count(write_all(*log, some_writes(10)), std::nullopt), 10);  // there is room again
}

TEST_F(WriteLanesTest, LostAnswersAreSaidToBeLost) {
  world.stop_server();
  auto log = client(2, 1000);
  const auto codes = write_all(*log, some_writes(20));
  EXPECT_EQ(count(codes, ErrorCode::upstream_unavailable), 20);
  const auto read = world.wait(log->heads({room}));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::upstream_unavailable);
  const auto user = world.wait(world.accounts_client->users({kMinji}));
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code, ErrorCode::upstream_unavailable);
  const auto rooms = world.wait(world.lists_client->rooms_of(kMinji));
  ASSERT_FALSE(rooms);
  EXPECT_EQ(rooms.error().code, ErrorCode::upstream_unavailable);
}

/// Notes whether requests may arrive twice.
class NotingCaller final : public net::HttpCaller {
 public:
  explicit NotingCaller(net::HttpCaller& http) : http_(http) {}
  Task<Result<net::ClientResponse>> call(net::ClientRequest request,
                                         net::Deadline deadline) override {
    may_arrive_twice.push_back(net::may_repeat(request));
    return http_.call(std::move(request), deadline);
  }
  std::vector<bool> may_arrive_twice;

 private:
  net::HttpCaller& http_;
};

TEST_F(WriteLanesTest, OnlyWhatTheLogKnowsAgainMayArriveTwice) {
  NotingCaller http(*world.http);
  const net::RoleClient role(http, world.seal);
  message::WriteLanes::Options options;
  options.executor = world.io.at(1).get_executor();
  options.lanes = 1;
  message::RoomLogClient log(role, options);
  EXPECT_EQ(count(write_in_one_turn(log, some_writes(3)), std::nullopt), 3);
  auto writes = some_writes(2);
  writes.push_back(RoomWorld::request(room, kMinji, chat::Edit{2, "고친 말"}));
  EXPECT_EQ(count(write_in_one_turn(log, std::move(writes)), std::nullopt), 3);
  EXPECT_EQ(http.may_arrive_twice, (std::vector<bool>{true, false}));
}

TEST_F(WriteLanesTest, AStrangersKeyOpensNothing) {
  const net::IdentitySeal wrong(net::IdentityKeys{{9}, {}}, world.clock);
  const net::RoleClient stranger(*world.http, wrong);
  message::WriteLanes::Options options;
  options.executor = world.io.at(1).get_executor();
  message::RoomLogClient log(stranger, options);
  EXPECT_EQ(count(write_all(log, some_writes(3)), ErrorCode::upstream_unavailable), 3);
  EXPECT_EQ(world.room_world.view(room, kMinji).head.ordinal, 0);
  user::AccountsClient accounts(stranger);
  // Not `unauthenticated`: nobody is logged out because two nodes disagree.
  const auto session = world.wait(accounts.authenticate(Secret<std::string>("token")));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(WriteLanesTest, ItsEndAnswersEverything) {
  std::latch answered(200);
  {
    auto log = client(1, 1000, 1);  // one write per request: most are still waiting
    for (chat::Write& write : some_writes(200))
      log->submit(std::move(write), [&](Result<chat::Written> result) {
        EXPECT_TRUE(result || result.error().code == ErrorCode::overloaded);
        answered.count_down();
      });
  }
  EXPECT_TRUE(answered.try_wait());
}

}  // namespace
}  // namespace respring::roles
