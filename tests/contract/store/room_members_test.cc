#include <algorithm>

#include "room_contract.h"

// Who is in a room, and what that allows.
namespace respring::store {
namespace {

using chat::Close;
using chat::MemberChanged;
using chat::RemoveMember;
using chat::Retitle;
using chat::Role;
using chat::SetMember;

class RoomMembers : public RoomContract {
 protected:
  std::optional<Role> role_of(RoomId room, UserId user) {
    auto members = world.wait(world.log->members_for_node(room));
    EXPECT_TRUE(members);
    for (const auto& member : members.assume_value()) {
      if (member.user == user) return member.role;
    }
    return std::nullopt;
  }
};

TEST_P(RoomMembers, AGroupBeginsWithItsFounders) {
  const auto room = new_id<RoomId>();
  const chat::Create create{chat::RoomKind::group, "등산", {{kMinji}, {kYoungho, Role::admin}}};
  const auto made = world.write(room, kMinji, create);
  ASSERT_TRUE(made);
  const auto& view = made.assume_value().room;
  ASSERT_TRUE(view);
  EXPECT_EQ(view->title, "등산");
  EXPECT_EQ(view->role, Role::owner);
  EXPECT_EQ(view->member_count, 2);
  EXPECT_EQ(view->head.seq, 1);
  EXPECT_EQ(view->first_seq, 1);
  EXPECT_EQ(view->read_seq, 1);
  EXPECT_EQ(view->unread, 0);
  const auto log = world.log_of(room, kYoungho);
  ASSERT_EQ(log.events.size(), 1U);
  const auto& created = std::get<chat::Created>(log.events[0].body);
  EXPECT_EQ(created.title, "등산");
  EXPECT_EQ(created.members,
            (std::vector<chat::Founder>{{kMinji, Role::owner}, {kYoungho, Role::admin}}));
}

TEST_P(RoomMembers, CreatingAgainChangesNothing) {
  const auto room = world.group();
  world.say(room, kMinji, "말");
  const chat::Create create{chat::RoomKind::group, "다른 이름", {{kYoungho}, {kMinji}}};
  const auto again = world.write(room, kYoungho, create);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().duplicate);
  EXPECT_EQ(again.assume_value().room->title, "모임");
  EXPECT_EQ(again.assume_value().room->role, Role::member);
  EXPECT_EQ(again.assume_value().room->unread, 1);
  const chat::Create stranger{chat::RoomKind::group, "남의 방", {{kStranger}}};
  EXPECT_EQ(code_of(world.write(room, kStranger, stranger)), ErrorCode::not_found);
}

TEST_P(RoomMembers, FoundersMustMakeSense) {
  const auto refuse = [&](chat::Create create) {
    return code_of(world.write(new_id<RoomId>(), kMinji, std::move(create)));
  };
  using enum chat::RoomKind;
  EXPECT_EQ(refuse({group, "x", {{kYoungho}}}), ErrorCode::invalid_request);
  EXPECT_EQ(refuse({group, "x", {{kMinji}, {kMinji}}}), ErrorCode::invalid_request);
  EXPECT_EQ(refuse({direct, {}, {{kMinji}}}), ErrorCode::invalid_request);
  EXPECT_EQ(refuse({direct, {}, {{kMinji}, {kYoungho}, {kSunja}}}), ErrorCode::invalid_request);
}

TEST_P(RoomMembers, InADirectRoomBothStayAndAreEqual) {
  const auto room = world.direct();
  EXPECT_EQ(world.view(room, kMinji).peer, kYoungho);
  EXPECT_EQ(world.view(room, kYoungho).peer, kMinji);
  EXPECT_EQ(world.view(room, kMinji).role, Role::member);
  for (const chat::Command& command :
       {chat::Command(SetMember{kSunja, {}, false}), chat::Command(SetMember{kYoungho, {}, false}),
        chat::Command(RemoveMember{kYoungho}), chat::Command(RemoveMember{kMinji}),
        chat::Command(RemoveMember{kSunja}), chat::Command(Retitle{"x"}), chat::Command(Close{})})
    EXPECT_EQ(code_of(world.write(room, kMinji, command)), ErrorCode::forbidden) << command.index();
  EXPECT_EQ(world.view(room, kMinji).head.seq, 1);
}

TEST_P(RoomMembers, ALaterMemberSeesFromHisOwnArrivalOn) {
  const auto room = world.group();
  world.say(room, kMinji, "그 전의 말");
  const auto added = world.write(room, kMinji, SetMember{kSunja, {}, false});
  ASSERT_TRUE(added);
  EXPECT_EQ(added.assume_value().seq, 3);
  EXPECT_EQ(added.assume_value().member->joined_seq, 3);
  EXPECT_EQ(added.assume_value().member->role, Role::member);
  world.say(room, kMinji, "그 뒤의 말");
  const auto view = world.view(room, kSunja);
  EXPECT_EQ(view.first_seq, 3);
  EXPECT_EQ(view.read_seq, 3);
  EXPECT_EQ(view.unread, 1);
  EXPECT_EQ(view.member_count, 3);
  const auto log = world.log_of(room, kSunja);
  ASSERT_EQ(log.events.size(), 2U);
  EXPECT_EQ(log.first_seq, 3);
  EXPECT_EQ(log.events[0].seq, 3);
  EXPECT_EQ(std::get<MemberChanged>(log.events[0].body).user, kSunja);
  EXPECT_FALSE(world.wait(world.log->message(kSunja, room, 2)));
  EXPECT_EQ(code_of(world.write(room, kSunja, chat::React{2, "👍", true})), ErrorCode::not_found);
  const auto history = world.history(room, kSunja, {});
  EXPECT_EQ(history.messages.size(), 1U);
  EXPECT_FALSE(history.has_older);
}

TEST_P(RoomMembers, ANewcomerWithNothingToReadHasNoLastMessage) {
  const auto room = world.group();
  world.say(room, kMinji, "그 전의 말");
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kSunja, {}, false}));
  EXPECT_FALSE(world.view(room, kSunja).last_message);
  EXPECT_EQ(world.view(room, kMinji).last_message->text, "그 전의 말");
}

TEST_P(RoomMembers, OwnersAndAdminsAddAndOnlyOwnersAppoint) {
  const auto room = world.group({kYoungho});
  EXPECT_EQ(code_of(world.write(room, kYoungho, SetMember{kSunja, {}, false})),
            ErrorCode::forbidden);
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kYoungho, Role::admin, false}));
  EXPECT_EQ(role_of(room, kYoungho), Role::admin);
  EXPECT_EQ(code_of(world.write(room, kYoungho, SetMember{kSunja, Role::admin, false})),
            ErrorCode::forbidden);
  ASSERT_TRUE(world.write(room, kYoungho, SetMember{kSunja, {}, false}));
  EXPECT_EQ(code_of(world.write(room, kYoungho, SetMember{kSunja, Role::admin, false})),
            ErrorCode::forbidden);
  EXPECT_EQ(code_of(world.write(room, kYoungho, SetMember{kMinji, Role::member, false})),
            ErrorCode::forbidden);
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kSunja, Role::owner, false})),
            ErrorCode::forbidden);
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kSunja, Role::owner, false}));
  ASSERT_TRUE(world.write(room, kSunja, SetMember{kMinji, Role::member, false}));
  EXPECT_EQ(role_of(room, kMinji), Role::member);
}

TEST_P(RoomMembers, AddingSomebodyWhoIsThereChangesNothing) {
  const auto room = world.group({kYoungho});
  const auto same = world.write(room, kMinji, SetMember{kYoungho, {}, false});
  ASSERT_TRUE(same);
  EXPECT_TRUE(same.assume_value().events.empty());
  EXPECT_EQ(same.assume_value().member->role, Role::member);
  EXPECT_EQ(world.view(room, kMinji).head.seq, 1);
}

TEST_P(RoomMembers, TheLastOwnerCannotStepDown) {
  const auto room = world.group({kYoungho});
  EXPECT_EQ(code_of(world.write(room, kMinji, SetMember{kMinji, Role::member, false})),
            ErrorCode::conflict);
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kYoungho, Role::owner, false}));
  EXPECT_TRUE(world.write(room, kMinji, SetMember{kMinji, Role::member, false}));
}

TEST_P(RoomMembers, WithAnInvitationOneJoinsOneselfOnly) {
  const auto room = world.group();
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kStranger, {}, true})),
            ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kSunja, {}, false})), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kSunja, Role::owner, true})),
            ErrorCode::forbidden);
  const auto joined = world.write(room, kSunja, SetMember{kSunja, {}, true});
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined.assume_value().member->joined_seq, 2);
  const auto again = world.write(room, kSunja, SetMember{kSunja, {}, true});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.assume_value().events.empty());
}

TEST_P(RoomMembers, WhoLeavesSeesNothingMoreAndComesBackAsNew) {
  const auto room = world.group({kYoungho});
  world.say(room, kMinji, "하나");
  const auto left = world.write(room, kYoungho, RemoveMember{kYoungho});
  ASSERT_TRUE(left);
  EXPECT_EQ(std::get<MemberChanged>(left.assume_value().events[0].body).role, std::nullopt);
  EXPECT_EQ(world.error_reading(room, kYoungho), ErrorCode::not_found);
  EXPECT_EQ(code_of(world.write(room, kYoungho, RemoveMember{kYoungho})), ErrorCode::not_found);
  EXPECT_EQ(world.view(room, kMinji).member_count, 1);
  world.say(room, kMinji, "혼잣말");
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kYoungho, {}, false}));  // seq 5
  EXPECT_EQ(world.view(room, kYoungho).first_seq, 5);
  EXPECT_EQ(world.view(room, kYoungho).unread, 0);
  EXPECT_EQ(world.view(room, kMinji).member_count, 2);
}

TEST_P(RoomMembers, WhoMayRemoveWhom) {
  const auto room = world.group({kYoungho, kSunja});
  EXPECT_EQ(code_of(world.write(room, kYoungho, RemoveMember{kSunja})), ErrorCode::forbidden);
  EXPECT_EQ(code_of(world.write(room, kMinji, RemoveMember{kStranger})), ErrorCode::not_found);
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kYoungho, Role::admin, false}));
  EXPECT_EQ(code_of(world.write(room, kYoungho, RemoveMember{kMinji})), ErrorCode::forbidden);
  EXPECT_TRUE(world.write(room, kYoungho, RemoveMember{kSunja}));
  EXPECT_TRUE(world.write(room, kMinji, RemoveMember{kYoungho}));
}

TEST_P(RoomMembers, WhenTheLastOwnerLeavesTheOldestAdminFollows) {
  const auto room = world.group({kYoungho, kSunja});
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kSunja, Role::admin, false}));
  const auto left = world.write(room, kMinji, RemoveMember{kMinji});
  ASSERT_TRUE(left);
  ASSERT_EQ(left.assume_value().events.size(), 2U);
  const auto& heir = left.assume_value().events[1];
  EXPECT_EQ(heir.actor, kMinji);
  EXPECT_EQ(std::get<MemberChanged>(heir.body).user, kSunja);
  EXPECT_EQ(std::get<MemberChanged>(heir.body).role, Role::owner);
  EXPECT_EQ(left.assume_value().seq + 1, heir.seq);
  EXPECT_EQ(role_of(room, kSunja), Role::owner);
  EXPECT_EQ(role_of(room, kYoungho), Role::member);
}

TEST_P(RoomMembers, WithoutAdminsTheOldestMemberFollows) {
  const auto room = world.group({});
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kSunja, {}, false}));
  ASSERT_TRUE(world.write(room, kMinji, SetMember{kYoungho, {}, false}));
  ASSERT_TRUE(world.write(room, kMinji, RemoveMember{kMinji}));
  EXPECT_EQ(role_of(room, kSunja), Role::owner);
  ASSERT_TRUE(world.write(room, kSunja, RemoveMember{kSunja}));
  ASSERT_TRUE(world.write(room, kYoungho, RemoveMember{kYoungho}));
  EXPECT_EQ(world.error_reading(room, kYoungho), ErrorCode::not_found);  // nobody is left
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kSunja, {}, true})), ErrorCode::not_found);
}

TEST_P(RoomMembers, ATitleIsForOwnersAndAdmins) {
  const auto room = world.group({kYoungho});
  EXPECT_EQ(code_of(world.write(room, kYoungho, Retitle{"x"})), ErrorCode::forbidden);
  const auto changed = world.write(room, kMinji, Retitle{"새 이름"});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed.assume_value().room->title, "새 이름");
  EXPECT_EQ(world.view(room, kYoungho).title, "새 이름");
  EXPECT_EQ(std::get<chat::Retitled>(world.log_of(room, kYoungho).events[1].body).title, "새 이름");
}

TEST_P(RoomMembers, AClosedRoomIsGoneForEverybody) {
  const auto room = world.group({kYoungho});
  world.say(room, kMinji, "끝");
  EXPECT_EQ(code_of(world.write(room, kYoungho, Close{})), ErrorCode::forbidden);
  const auto closed = world.write(room, kMinji, Close{});
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed.assume_value().members, (std::vector<UserId>{kMinji, kYoungho}));
  for (const auto user : {kMinji, kYoungho}) {
    EXPECT_EQ(world.error_reading(room, user), ErrorCode::not_found);
    EXPECT_EQ(code_of(world.write(room, user, RoomWorld::text("x"))), ErrorCode::not_found);
    const auto rooms = world.wait(world.log->rooms_of(user, chat::Memberships::present));
    EXPECT_EQ(std::ranges::count(rooms.assume_value(), room), 0);
  }
  EXPECT_EQ(code_of(world.write(room, kSunja, SetMember{kSunja, {}, true})), ErrorCode::not_found);
  EXPECT_FALSE(world.wait(world.log->log_for_node(room, 0, 10)));
}

TEST_P(RoomMembers, TheListOfMembersComesInPages) {
  const auto room = world.group({kYoungho});
  for (std::int64_t user = 200; user < 210; ++user)
    ASSERT_TRUE(world.write(room, kMinji, SetMember{UserId{user}, {}, false}));
  ASSERT_TRUE(world.write(room, kMinji, RemoveMember{UserId{205}}));
  std::vector<UserId> seen;
  std::optional<chat::Member> after;
  while (true) {
    const auto page = world.wait(world.log->members(kMinji, room, after, 4));
    ASSERT_TRUE(page);
    if (page.assume_value().empty()) break;
    for (const auto& member : page.assume_value()) seen.push_back(member.user);
    after = page.assume_value().back();
  }
  std::vector<UserId> expected = {kMinji, kYoungho};
  for (std::int64_t user = 200; user < 210; ++user) {
    if (user != 205) expected.push_back(UserId{user});
  }
  EXPECT_EQ(seen, expected);
  EXPECT_FALSE(world.wait(world.log->members(kStranger, room, {}, 4)));
}

TEST_P(RoomMembers, AllRoomsOfAPersonAreFoundOnAllShards) {
  std::vector<RoomId> rooms;
  for (int i = 0; i < 20; ++i) rooms.push_back(world.group({kYoungho}));
  ASSERT_TRUE(world.write(rooms[3], kYoungho, RemoveMember{kYoungho}));
  auto ever = world.wait(world.log->rooms_of(kYoungho, chat::Memberships::ever)).value();
  std::ranges::sort(ever);
  std::vector<RoomId> all = rooms;
  std::ranges::sort(all);
  EXPECT_EQ(ever, all);
  auto found = world.wait(world.log->rooms_of(kYoungho, chat::Memberships::present)).value();
  std::ranges::sort(found);
  rooms.erase(rooms.begin() + 3);
  std::ranges::sort(rooms);
  EXPECT_EQ(found, rooms);
}

TEST_P(RoomMembers, WhoIsErasedTakesBackWhatHeWroteWhereverHeIs) {
  const auto left = world.group({kYoungho});
  const auto closed = world.group({kYoungho});
  const auto in_left = world.say(left, kYoungho, "떠난 방의 글");
  const auto in_closed = world.say(closed, kYoungho, "닫힌 방의 글");
  const auto others = world.say(left, kMinji, "남의 글");
  ASSERT_TRUE(world.write(left, kYoungho, RemoveMember{kYoungho}));
  ASSERT_TRUE(world.write(closed, kMinji, chat::Close{}));
  EXPECT_EQ(world.write(left, kYoungho, chat::Delete{in_left.seq}).error().code,
            ErrorCode::not_found);
  const chat::Delete erase_left{in_left.seq, true};
  ASSERT_TRUE(world.write(left, kYoungho, erase_left));
  ASSERT_TRUE(world.write(left, kYoungho, erase_left)) << "may be repeated";
  const chat::Delete erase_closed{in_closed.seq, true};
  ASSERT_TRUE(world.write(closed, kYoungho, erase_closed));
  const chat::Delete erase_others{others.seq, true};
  EXPECT_EQ(world.write(left, kYoungho, erase_others).error().code, ErrorCode::not_found);
  for (const RoomId room : {left, closed}) {
    EXPECT_TRUE(world.wait(world.log->messages_by(kYoungho, room, 0, 10)).value().empty());
  }
  const auto seen = world.wait(world.log->message(kMinji, left, in_left.seq)).value();
  EXPECT_TRUE(seen.deleted);
  EXPECT_EQ(world.wait(world.log->message(kMinji, left, others.seq)).value().text, "남의 글");
}

RESPRING_ON_ALL_BACKENDS(RoomMembers);

}  // namespace
}  // namespace respring::store
