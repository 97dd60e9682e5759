#include <future>

#include "chat/codec.h"
#include "role_world.h"

// Writes: their outcomes, their order, and what is refused.
namespace respring::roles {
namespace {

using std::chrono::seconds;

class RoomLogWriting : public RoleTest {
 protected:
  Result<chat::Written> write(RoomId room, UserId actor, chat::Command command) {
    return world.wait(log().write(RoomWorld::request(room, actor, std::move(command))));
  }
  chat::Written must(RoomId room, UserId actor, chat::Command command) {
    auto written = write(room, actor, std::move(command));
    EXPECT_TRUE(written) << written.assume_error().detail;
    if (!written) return {};
    EXPECT_EQ(written.value().events.size(), written.value().json.size());
    for (std::size_t i = 0; i < written.value().events.size(); ++i)
      EXPECT_EQ(chat::to_json(written.value().events[i]), written.value().json[i]);
    return std::move(written).assume_value();
  }
  RoomId group() { return world.room_world.group(); }
};

TEST_P(RoomLogWriting, ARoomsLife) {
  const auto room = new_id<RoomId>();
  const chat::Create create{chat::RoomKind::group, "등산", {{kMinji}, {kYoungho}}};
  const auto made = must(room, kMinji, create);
  ASSERT_TRUE(made.room);
  EXPECT_EQ(made.room->title, "등산");
  EXPECT_EQ(made.room->member_count, 2);
  EXPECT_FALSE(made.duplicate);
  EXPECT_TRUE(must(room, kMinji, create).duplicate);
  const auto joined = must(room, kMinji, chat::SetMember{kSunja, chat::Role::admin, false});
  ASSERT_TRUE(joined.member);
  EXPECT_EQ(joined.member->role, chat::Role::admin);
  EXPECT_EQ(must(room, kSunja, chat::Retitle{"바다"}).room->title, "바다");
  must(room, kMinji, chat::RemoveMember{kYoungho});
  const auto closed = must(room, kMinji, chat::Close{});
  EXPECT_EQ(closed.members, (std::vector{kMinji, kSunja}));
  EXPECT_EQ(write(room, kMinji, chat::Retitle{"산"}).error().code, ErrorCode::not_found);
}

TEST_P(RoomLogWriting, AMessagesLife) {
  const auto room = group();
  chat::Send send = RoomWorld::text("안녕하세요\n\"여러분\" 👋");
  send.meta = R"({"from":"test","deep":[[[[[[[[[[[[[[]]]]]]]]]]]]]]})";
  const auto sent = must(room, kMinji, send);
  ASSERT_TRUE(sent.message);
  EXPECT_EQ(sent.message->text, send.text);
  EXPECT_EQ(sent.message->meta, send.meta);
  EXPECT_EQ(sent.message->cid, send.cid);
  EXPECT_EQ(sent.ordinal, 1);
  EXPECT_GT(to_ms(sent.at), 0);
  EXPECT_FALSE(sent.duplicate);
  const auto again = must(room, kMinji, send);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, sent.seq);
  EXPECT_TRUE(again.events.empty());
  EXPECT_EQ(must(room, kMinji, chat::Edit{sent.seq, "고침"}).version, 2);
  const auto reacted = must(room, kYoungho, chat::React{sent.seq, "👍", true});
  EXPECT_EQ(reacted.message->reactions, (chat::Reactions{{"👍", {kYoungho}}}));
  const auto read = must(room, kYoungho, chat::Read{sent.seq});
  EXPECT_EQ(read.read_seq, sent.seq);
  EXPECT_EQ(read.unread, 0);
  EXPECT_EQ(must(room, kMinji, chat::Delete{sent.seq}).version, 3);
}

TEST_P(RoomLogWriting, ARefusalHasItsCode) {
  const auto room = group();
  const auto send = RoomWorld::text("하나");
  must(room, kMinji, send);
  chat::Send other = send;
  other.text = "둘";
  EXPECT_EQ(write(room, kMinji, other).error().code, ErrorCode::cid_reused);
  EXPECT_EQ(write(room, kStranger, send).error().code, ErrorCode::not_found);
  EXPECT_EQ(write(RoomId{77}, kMinji, send).error().code, ErrorCode::not_found);
  EXPECT_EQ(write(RoomId{}, kMinji, send).error().code, ErrorCode::not_found);
  EXPECT_EQ(write(room, kYoungho, chat::Retitle{"내 방"}).error().code, ErrorCode::forbidden);
  chat::Send reply = RoomWorld::text("답");
  reply.reply_to = 99;
  const auto refused = write(room, kMinji, reply);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(refused.error().fields, (std::vector<FieldError>{{"reply_to", "not_found"}}));
  const auto direct = world.room_world.direct();
  must(direct, kYoungho, chat::SetBlock{true});
  EXPECT_EQ(write(direct, kMinji, RoomWorld::text("왜?")).error().code, ErrorCode::forbidden);
}

TEST_P(RoomLogWriting, TooLateIsNotWritten) {
  const auto room = group();
  auto late = RoomWorld::request(room, kMinji, RoomWorld::text("늦었다"));
  late.deadline = std::chrono::steady_clock::now() - seconds(1);
  const auto refused = world.wait(log().write(std::move(late)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
  EXPECT_EQ(world.room_world.view(room, kMinji).head.ordinal, 0);
}

TEST_P(RoomLogWriting, EachRoomKeepsTheOrderOfItsWritesAndOfTheirAnswers) {
  constexpr int kEach = 400;
  const std::vector<RoomId> rooms{group(), group(), group(), group(), group()};
  struct Answered {
    std::mutex mutex;
    std::map<RoomId, std::vector<std::pair<int, Ordinal>>> by_room;
    std::size_t count = 0;
    std::promise<void> all;
  };
  // Shared: the last answer's thread lets go of the lock when this test may be over already.
  const auto answered = std::make_shared<Answered>();
  for (int i = 1; i <= kEach; ++i) {
    for (const RoomId room : rooms) {
      auto done = [answered, room, i](Result<chat::Written> written) {
        const std::lock_guard lock(answered->mutex);
        answered->by_room[room].emplace_back(i, written ? written.value().ordinal : -1);
        if (++answered->count == kEach * 5) answered->all.set_value();
      };
      log().submit(RoomWorld::request(room, kMinji, RoomWorld::text(std::to_string(i))), done);
    }
  }
  ASSERT_EQ(answered->all.get_future().wait_for(seconds(60)), std::future_status::ready);
  for (const RoomId room : rooms) {
    const auto& order = answered->by_room[room];
    ASSERT_EQ(order.size(), std::size_t{kEach});
    for (int i = 0; i < kEach; ++i) {
      EXPECT_EQ(order[static_cast<std::size_t>(i)].first, i + 1);
      EXPECT_EQ(order[static_cast<std::size_t>(i)].second, i + 1);
    }
  }
}

TEST_P(RoomLogWriting, ABadWriteHarmsNoOtherOfItsBatch) {
  const auto room = group();
  std::vector<std::promise<Result<chat::Written>>> answers(30);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto write = RoomWorld::request(room, i % 3 == 1 ? kStranger : kMinji, RoomWorld::text("말"));
    if (i % 3 == 2) write.deadline = std::chrono::steady_clock::now() - seconds(1);
    log().submit(std::move(write), [&answer = answers[i]](Result<chat::Written> result) {
      answer.set_value(std::move(result));
    });
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto answer = answers[i].get_future().get();
    if (i % 3 == 0) {
      EXPECT_TRUE(answer);
    } else {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().code, i % 3 == 1 ? ErrorCode::not_found : ErrorCode::overloaded);
    }
  }
}

RESPRING_HERE_AND_THERE(RoomLogWriting);

}  // namespace
}  // namespace respring::roles
