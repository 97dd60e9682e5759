#include "chat/wire.h"

#include <gtest/gtest.h>

#include "wire_values.h"

// Whatever crosses between roles arrives as it left, and nothing else is taken for it.
namespace respring::chat::wire {
namespace {

using std::chrono::milliseconds;

template <class T>
std::string text_of(const T& value) {
  json::Writer w;
  write(w, value);
  return w.take();
}

/// Two values are the same when they look the same: every field is in the text.
template <class T>
void expect_round_trip(const T& value) {
  const std::string text = text_of(value);
  const auto parsed = json::parse(text, json::kMaxNesting + 8);
  RC_ASSERT(parsed.has_value());
  auto back = read<T>(parsed.assume_value());
  if (!back) RC_FAIL(back.assume_error().detail + " in " + text);
  RC_ASSERT(text_of(back.assume_value()) == text);
}

template <class T>
class Wire : public ::testing::Test {};
using Types = ::testing::Types<User, Session, Message, Event, Member, Founder, Head, RoomView,
                               Cursor, HistoryQuery, History, LogPage, SyncItem, Command, Written>;
TYPED_TEST_SUITE(Wire, Types);

TYPED_TEST(Wire, ComesBackAsItWas) {
  EXPECT_TRUE(rc::check([] { expect_round_trip(*any<TypeParam>()); }));
}

TYPED_TEST(Wire, NothingMayBeAddedOrLeftOut) {
  EXPECT_TRUE(rc::check([] {
    const auto value = json::parse(text_of(*any<TypeParam>()), json::kMaxNesting + 8).value();
    json::Object more = *value.as_object();
    more.emplace_back("colour", "blue");
    RC_ASSERT_FALSE(read<TypeParam>(json::Value(more)).has_value());
    for (const auto& [key, member] : *value.as_object()) {
      if (may_be_absent(key, value)) continue;
      json::Object less = *value.as_object();
      std::erase_if(less, [&name = key](const auto& field) { return field.first == name; });
      RC_ASSERT_FALSE(read<TypeParam>(json::Value(less)).has_value());
    }
  }));
}

TYPED_TEST(Wire, OtherThingsAreRefused) {
  for (const char* text : {"null", "[]", "{}", "7", "\"a\"", R"({"what":"x"})", R"({"do":"x"})"})
    EXPECT_FALSE(read<TypeParam>(json::parse(text).value())) << text;
}

// The text shows what the writers write; that no field was forgotten by both halves is shown here.
TEST(WireFields, OfPeopleAreAllThere) {
  const User user{UserId{7}, "sunja", "순자", true, true, "ko", from_ms(1'790'000'000'123)};
  const auto back = read<User>(json::parse(text_of(user)).value()).value();
  EXPECT_EQ(back.id, user.id);
  EXPECT_EQ(back.handle, user.handle);
  EXPECT_EQ(back.display_name, user.display_name);
  EXPECT_TRUE(back.deleted && back.disabled);
  EXPECT_EQ(back.locale, user.locale);
  EXPECT_EQ(back.created_at, user.created_at);
  const Session session{SessionId{1}, UserId{2}, "전화", from_ms(3), from_ms(4), from_ms(5)};
  const auto same = read<Session>(json::parse(text_of(session)).value()).value();
  EXPECT_EQ(same.id, session.id);
  EXPECT_EQ(same.user, session.user);
  EXPECT_EQ(same.device, session.device);
  EXPECT_EQ(same.created_at, session.created_at);
  EXPECT_EQ(same.last_used_at, session.last_used_at);
  EXPECT_EQ(same.expires_at, session.expires_at);
}

TEST(WireFields, OfARoomAreAllThere) {
  RoomView room;
  room.id = RoomId{9};
  room.kind = RoomKind::direct;
  room.title = "모임";
  room.created_at = from_ms(1);
  room.member_count = 2;
  room.role = Role::admin;
  room.peer = UserId{3};
  room.head = {4, 5, 6};
  room.first_seq = 7;
  room.read_seq = 8;
  room.unread = 9;
  room.last_at = from_ms(10);
  const auto back = read<RoomView>(json::parse(text_of(room)).value()).value();
  EXPECT_EQ(back.id, room.id);
  EXPECT_EQ(back.kind, room.kind);
  EXPECT_EQ(back.title, room.title);
  EXPECT_EQ(back.created_at, room.created_at);
  EXPECT_EQ(back.member_count, room.member_count);
  EXPECT_EQ(back.role, room.role);
  EXPECT_EQ(back.peer, room.peer);
  EXPECT_EQ(back.head.epoch, 4);
  EXPECT_EQ(back.head.seq, 5);
  EXPECT_EQ(back.head.ordinal, 6);
  EXPECT_EQ(back.first_seq, 7);
  EXPECT_EQ(back.read_seq, 8);
  EXPECT_EQ(back.unread, 9);
  EXPECT_EQ(back.last_at, room.last_at);
  EXPECT_FALSE(back.last_message);
}

TEST(WireWrite, KeepsWhatIsLeftOfItsDeadline) {
  const auto now = Steady::now();
  for (const auto& [deadline, left] :
       {std::pair(now + milliseconds(1500), milliseconds(1500)),
        std::pair(now - milliseconds(5), milliseconds(0)),
        std::pair(Steady::time_point::max(), milliseconds(3'600'000))}) {
    const Write asked{RoomId{1}, UserId{2}, Edit{3, "글"}, deadline};
    json::Writer w;
    write(w, asked, now);
    const auto later = now + std::chrono::hours(100);  // the other machine's clock
    const auto back = read_write(json::parse(w.take()).value(), later);
    ASSERT_TRUE(back);
    EXPECT_EQ(back.value().room, asked.room);
    EXPECT_EQ(back.value().actor, asked.actor);
    EXPECT_EQ(std::get<Edit>(back.value().command).text, "글");
    EXPECT_EQ(back.value().deadline, later + left);
  }
}

TEST(WireWritten, BringsItsEventsAsTheCodecWritesThem) {
  Written written;
  Event& event = written.events.emplace_back();
  event.room = RoomId{1};
  event.seq = 2;
  event.actor = UserId{3};
  event.body = Retitled{"새 이름"};
  written.json.push_back(to_json(event));
  const auto back = read<Written>(json::parse(text_of(written)).value());
  ASSERT_TRUE(back);
  EXPECT_EQ(back.value().json, written.json);
  ASSERT_EQ(back.value().events.size(), 1u);
  EXPECT_EQ(std::get<Retitled>(back.value().events.front().body).title, "새 이름");
}

TEST(WireEvent, UnknownRolesAndKindsAreRefused) {
  const std::string start = R"({"room":"1","epoch":1,"seq":2,"actor":"3",)"
                            R"("at":"2026-11-22T09:12:00.000Z",)";
  const auto refused = [&](const std::string& rest) {
    return !read<Event>(json::parse(start + rest).value());
  };
  EXPECT_FALSE(refused(R"("kind":"member","user":"4","role":"admin"})"));
  EXPECT_FALSE(refused(R"("kind":"member","user":"4","role":null})"));
  EXPECT_TRUE(refused(R"("kind":"member","user":"4","role":"emperor"})"));
  EXPECT_TRUE(refused(R"("kind":"party","user":"4","role":"admin"})"));
}

}  // namespace
}  // namespace respring::chat::wire
