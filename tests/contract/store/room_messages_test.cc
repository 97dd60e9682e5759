#include "chat/limits.h"
#include "room_contract.h"

// What people may do with messages.
namespace respring::store {
namespace {

using chat::Delete;
using chat::Edit;
using chat::React;
using chat::Read;

class RoomMessages : public RoomContract {};

TEST_P(RoomMessages, AMessageIsTheNextEventOfItsRoom) {
  const auto room = world.group();
  const auto first = world.say(room, kMinji, "안녕하세요");
  const auto second = world.say(room, kYoungho, "네, 안녕하세요");
  EXPECT_EQ(first.seq, 2);  // behind `created`
  EXPECT_EQ(first.ordinal, 1);
  EXPECT_EQ(second.seq, 3);
  EXPECT_EQ(second.ordinal, 2);
  ASSERT_EQ(second.events.size(), 1U);
  EXPECT_EQ(std::get<chat::Sent>(second.events[0].body).message.text, "네, 안녕하세요");
  EXPECT_EQ(world.message(room, kMinji, 3).sender, kYoungho);
}

TEST_P(RoomMessages, EverythingOfAMessageIsKept) {
  const auto room = world.group();
  const auto target = world.say(room, kMinji, "질문");
  chat::Send send{new_uuid(), "답 \U0001F600\n둘째 줄", target.seq, R"([{"id":"7"}])",
                  R"({"k":1})"};
  ASSERT_TRUE(world.write(room, kYoungho, send));
  const auto message = world.message(room, kMinji, 3);
  EXPECT_EQ(message.text, send.text);
  EXPECT_EQ(message.cid, send.cid);
  EXPECT_EQ(message.reply_to, target.seq);
  EXPECT_EQ(message.attachments, send.attachments);
  EXPECT_EQ(message.meta, send.meta);
  EXPECT_EQ(message.version, 1);
  EXPECT_EQ(message.created_at, world.clock.now());
}

TEST_P(RoomMessages, ARepeatedCidAnswersWithTheFirstMessageAsItIsNow) {
  const auto room = world.group();
  const auto send = RoomWorld::text("한 번만");
  ASSERT_TRUE(world.write(room, kMinji, send));
  ASSERT_TRUE(world.write(room, kMinji, Edit{2, "고침"}));
  const auto again = world.write(room, kMinji, send);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().duplicate);
  EXPECT_EQ(again.assume_value().seq, 2);
  EXPECT_EQ(again.assume_value().message->text, "고침");
  EXPECT_TRUE(again.assume_value().events.empty());
  EXPECT_EQ(world.view(room, kMinji).head.seq, 3);
}

TEST_P(RoomMessages, ARepeatedCidInTheSameBatchIsStoredOnce) {
  const auto room = world.group();
  const auto send = RoomWorld::text("두 번 눌렀다");
  std::vector<chat::Write> writes;
  for (int i = 0; i < 50; ++i) writes.push_back(RoomWorld::request(room, kMinji, send));
  int first = 0;
  for (const auto& answer : world.write_together(std::move(writes))) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.assume_value().seq, 2);
    first += answer.assume_value().duplicate ? 0 : 1;
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(world.view(room, kMinji).head.ordinal, 1);
}

TEST_P(RoomMessages, ACidWithOtherContentIsRefused) {
  const auto room = world.group();
  auto send = RoomWorld::text("처음");
  ASSERT_TRUE(world.write(room, kMinji, send));
  send.text = "다른 말";
  EXPECT_EQ(code_of(world.write(room, kMinji, send)), ErrorCode::cid_reused);
  send.text = "처음";
  send.meta = "{}";
  EXPECT_EQ(code_of(world.write(room, kMinji, send)), ErrorCode::cid_reused);
  send.meta.reset();
  send.reply_to = 2;
  EXPECT_EQ(code_of(world.write(room, kMinji, send)), ErrorCode::cid_reused);
  // Also when both are on their way at once, and another sender's cid is his own.
  const auto one = RoomWorld::text("가");
  auto two = one;
  two.text = "나";
  const auto answers = world.write_together({RoomWorld::request(room, kMinji, one),
                                             RoomWorld::request(room, kMinji, two),
                                             RoomWorld::request(room, kYoungho, two)});
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(code_of(answers[1]), ErrorCode::cid_reused);
  EXPECT_TRUE(answers[2]);
}

TEST_P(RoomMessages, ALateRetryIsADuplicateEvenIfSendingIsNotAllowedAnyMore) {
  const auto room = world.direct();
  const auto send = RoomWorld::text("보냈다");
  ASSERT_TRUE(world.write(room, kMinji, send));
  ASSERT_TRUE(world.write(room, kYoungho, chat::SetBlock{true}));
  const auto again = world.write(room, kMinji, send);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().duplicate);
}

TEST_P(RoomMessages, ForOthersTheRoomDoesNotExist) {
  const auto room = world.group();
  world.say(room, kMinji, "비밀");
  EXPECT_EQ(code_of(world.write(room, kStranger, RoomWorld::text("나도"))), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kStranger, Edit{2, "x"})), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kStranger, Delete{2})), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kStranger, React{2, "👍", true})), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kStranger, Read{2})), ErrorCode::not_found);
  EXPECT_EQ(world.error_reading(room, kStranger), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(new_id<RoomId>(), kMinji, RoomWorld::text("?"))),
            ErrorCode::not_found);
}

TEST_P(RoomMessages, AReplyNeedsAMessageTheSenderCanSee) {
  const auto room = world.group();
  world.say(room, kMinji, "오래된 글");
  ASSERT_TRUE(world.write(room, kMinji, chat::SetMember{kSunja, {}, false}));  // seq 3
  const auto reply = [](Seq seq) {
    auto send = RoomWorld::text("답");
    send.reply_to = seq;
    return send;
  };
  for (const Seq nothing : {1, 3, 99, 0, -5}) {
    const auto refused = world.write(room, kMinji, reply(nothing));
    ASSERT_FALSE(refused) << nothing;
    EXPECT_EQ(refused.assume_error().code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.assume_error().fields.front(), (FieldError{"reply_to", "not_found"}));
  }
  EXPECT_EQ(code_of(world.write(room, kSunja, reply(2))), ErrorCode::invalid_request);
  ASSERT_TRUE(world.write(room, kMinji, Delete{2}));
  EXPECT_TRUE(world.write(room, kMinji, reply(2)));  // a deleted message keeps its place
}

TEST_P(RoomMessages, AnEditIsANewVersionAndTheOldTextIsGoneForGood) {
  const auto room = world.group();
  world.say(room, kMinji, "처음");
  world.clock.advance(std::chrono::seconds(5));
  const auto edited = world.write(room, kMinji, Edit{2, "둘째"});
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited.assume_value().seq, 3);
  EXPECT_EQ(edited.assume_value().version, 2);
  ASSERT_TRUE(world.write(room, kMinji, Edit{2, "셋째"}));
  const auto message = world.message(room, kYoungho, 2);
  EXPECT_EQ(message.text, "셋째");
  EXPECT_EQ(message.version, 3);
  EXPECT_EQ(message.edited_at, world.clock.now());
  const auto log = world.log_of(room, kYoungho);
  EXPECT_EQ(std::get<chat::Sent>(log.events[1].body).message.text, "셋째");
  EXPECT_EQ(std::get<chat::Edited>(log.events[2].body).text, std::nullopt);
  EXPECT_EQ(std::get<chat::Edited>(log.events[2].body).version, 2);
  EXPECT_EQ(std::get<chat::Edited>(log.events[3].body).text, "셋째");
}

TEST_P(RoomMessages, OnlyTheSenderEdits) {
  const auto room = world.group();
  world.say(room, kYoungho, "영호의 말");
  EXPECT_EQ(code_of(world.write(room, kMinji, Edit{2, "x"})), ErrorCode::forbidden);
  EXPECT_EQ(code_of(world.write(room, kYoungho, Edit{1, "x"})), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kYoungho, Edit{7, "x"})), ErrorCode::not_found);
  ASSERT_TRUE(world.write(room, kYoungho, Delete{2}));
  EXPECT_EQ(code_of(world.write(room, kYoungho, Edit{2, "x"})), ErrorCode::conflict);
}

TEST_P(RoomMessages, ADeletionTakesEverythingBackButThePlace) {
  const auto room = world.group();
  chat::Send send{new_uuid(), "지울 말", {}, R"([{"id":"7"}])", R"({"k":1})"};
  ASSERT_TRUE(world.write(room, kMinji, send));
  ASSERT_TRUE(world.write(room, kMinji, Edit{2, "고친 말"}));
  ASSERT_TRUE(world.write(room, kYoungho, React{2, "👍", true}));
  const auto deleted = world.write(room, kMinji, Delete{2});
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted.assume_value().version, 3);
  const auto message = world.message(room, kYoungho, 2);
  EXPECT_TRUE(message.deleted);
  EXPECT_EQ(message.text, std::nullopt);
  EXPECT_EQ(message.meta, std::nullopt);
  EXPECT_EQ(message.attachments, "[]");
  EXPECT_TRUE(message.reactions.empty());
  EXPECT_EQ(message.cid, send.cid);
  const auto log = world.log_of(room, kYoungho);
  EXPECT_EQ(std::get<chat::Edited>(log.events[2].body).text, std::nullopt);
  EXPECT_EQ(std::get<chat::Deleted>(log.events[4].body).version, 3);
}

TEST_P(RoomMessages, DeletingTwiceChangesNothing) {
  const auto room = world.group();
  world.say(room, kMinji, "말");
  ASSERT_TRUE(world.write(room, kMinji, Delete{2}));
  world.say(room, kYoungho, "다음");
  const auto again = world.write(room, kMinji, Delete{2});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().events.empty());
  EXPECT_EQ(again.assume_value().seq, 3);
  EXPECT_EQ(again.assume_value().version, 2);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 4);
}

TEST_P(RoomMessages, WhoRunsAGroupMayDeleteOthersMessagesButNobodyInADirectRoom) {
  const auto room = world.group({kYoungho, kSunja});
  world.say(room, kSunja, "순자의 말");
  EXPECT_EQ(code_of(world.write(room, kYoungho, Delete{2})), ErrorCode::forbidden);
  EXPECT_TRUE(world.write(room, kMinji, Delete{2}));
  const auto two = world.direct();
  world.say(two, kYoungho, "영호의 말");
  EXPECT_EQ(code_of(world.write(two, kMinji, Delete{2})), ErrorCode::forbidden);
}

TEST_P(RoomMessages, ReactionsComeAndGo) {
  const auto room = world.group();
  world.say(room, kMinji, "좋은 소식");
  ASSERT_TRUE(world.write(room, kYoungho, React{2, "🎉", true}));
  ASSERT_TRUE(world.write(room, kMinji, React{2, "👍", true}));
  const auto both = world.write(room, kYoungho, React{2, "👍", true});
  ASSERT_TRUE(both);
  const chat::Reactions expected = {{"🎉", {kYoungho}}, {"👍", {kMinji, kYoungho}}};
  EXPECT_EQ(both.assume_value().message->reactions, expected);
  EXPECT_EQ(world.message(room, kMinji, 2).reactions, expected);
  EXPECT_EQ(world.message(room, kMinji, 2).version, 1);

  const auto same = world.write(room, kYoungho, React{2, "👍", true});
  ASSERT_TRUE(same);
  EXPECT_TRUE(same.assume_value().events.empty());
  EXPECT_EQ(same.assume_value().seq, 5);

  const auto gone = world.write(room, kYoungho, React{2, "🎉", false});
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone.assume_value().message->reactions, (chat::Reactions{{"👍", {kMinji, kYoungho}}}));
  ASSERT_TRUE(world.write(room, kMinji, Delete{2}));
  EXPECT_EQ(code_of(world.write(room, kMinji, React{2, "👍", true})), ErrorCode::conflict);
}

TEST_P(RoomMessages, AtMostTwentyKindsOfReaction) {
  const auto room = world.group();
  world.say(room, kMinji, "인기 글");
  for (std::size_t i = 0; i < chat::kMaxReactionKinds; ++i)
    ASSERT_TRUE(world.write(room, kMinji, React{2, "e" + std::to_string(i), true}));
  const auto more = world.write(room, kMinji, React{2, "하나 더", true});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.assume_error().fields.front(), (FieldError{"emoji", "too_many"}));
  EXPECT_TRUE(world.write(room, kYoungho, React{2, "e0", true}));  // a kind that is there
}

TEST_P(RoomMessages, ABlockStopsBothFromWritingButNotFromReading) {
  const auto room = world.direct();
  world.say(room, kMinji, "안녕");
  world.say(room, kYoungho, "안녕");
  ASSERT_TRUE(world.write(room, kYoungho, chat::SetBlock{true}));
  ASSERT_TRUE(world.write(room, kYoungho, chat::SetBlock{true}));  // no second one
  for (const auto user : {kMinji, kYoungho}) {
    EXPECT_EQ(code_of(world.write(room, user, RoomWorld::text("x"))), ErrorCode::forbidden);
    EXPECT_EQ(code_of(world.write(room, user, React{2, "👍", true})), ErrorCode::forbidden);
    EXPECT_EQ(world.log_of(room, user).events.size(), 3U);
  }
  EXPECT_EQ(code_of(world.write(room, kMinji, Edit{2, "x"})), ErrorCode::forbidden);
  ASSERT_TRUE(world.write(room, kYoungho, chat::SetBlock{false}));
  world.say(room, kMinji, "다시 안녕");
  EXPECT_EQ(code_of(world.write(world.group(), kMinji, chat::SetBlock{true})),
            ErrorCode::forbidden);
}

TEST_P(RoomMessages, TheReadCursorOnlyGoesForward) {
  const auto room = world.group();
  for (int i = 0; i < 5; ++i) world.say(room, kMinji, "말 " + std::to_string(i));
  EXPECT_EQ(world.view(room, kMinji).unread, 0);  // sending reads
  EXPECT_EQ(world.view(room, kYoungho).unread, 5);
  EXPECT_EQ(world.view(room, kYoungho).read_seq, 1);

  const auto read = world.write(room, kYoungho, Read{4});
  ASSERT_TRUE(read);
  EXPECT_EQ(read.assume_value().read_seq, 4);
  EXPECT_EQ(read.assume_value().unread, 2);
  EXPECT_TRUE(read.assume_value().events.empty());
  const auto back = world.write(room, kYoungho, Read{2});
  EXPECT_EQ(back.assume_value().read_seq, 4);
  EXPECT_EQ(back.assume_value().unread, 2);
  const auto beyond = world.write(room, kYoungho, Read{1'000'000});
  EXPECT_EQ(beyond.assume_value().read_seq, 6);
  EXPECT_EQ(beyond.assume_value().unread, 0);
  EXPECT_EQ(code_of(world.write(room, kYoungho, Read{0})), ErrorCode::invalid_request);
  EXPECT_EQ(world.view(room, kYoungho).unread, 0);
}

TEST_P(RoomMessages, DeletedMessagesStillCountAsUnread) {
  const auto room = world.group();
  world.say(room, kMinji, "하나");
  world.say(room, kMinji, "둘");
  ASSERT_TRUE(world.write(room, kMinji, Delete{3}));
  EXPECT_EQ(world.view(room, kYoungho).unread, 2);
  ASSERT_TRUE(world.write(room, kYoungho, Read{4}));  // the deletion's own seq
  EXPECT_EQ(world.view(room, kYoungho).unread, 0);
}

RESPRING_ON_ALL_BACKENDS(RoomMessages);

}  // namespace
}  // namespace respring::store
