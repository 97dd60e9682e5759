#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "room_contract.h"

// Whatever people do in whatever order, in batches of whatever size: the log is dense, ordinals are
// dense, no cid twice, and unread is what it must be.
namespace respring::store {
namespace {

const std::vector<UserId> kPeople = {kMinji, kYoungho, kSunja};

// What the log tells about a room: the test's own count, from the events alone.
struct Told {
  Seq seq = 0;
  Ordinal ordinal = 0;
  std::set<std::pair<UserId, Uuid>> cids;
  std::map<UserId, chat::Role> members;

  void hear(const chat::Event& event) {
    RC_ASSERT(event.seq == ++seq);
    if (const auto* created = std::get_if<chat::Created>(&event.body)) {
      for (const auto& founder : created->members) members[founder.user] = founder.role;
    } else if (const auto* sent = std::get_if<chat::Sent>(&event.body)) {
      RC_ASSERT(sent->message.ordinal == ++ordinal);
      RC_ASSERT(cids.emplace(sent->message.sender, sent->message.cid).second);
      RC_ASSERT(sent->message.deleted == !sent->message.text.has_value());
    } else if (const auto* changed = std::get_if<chat::MemberChanged>(&event.body)) {
      if (changed->role) {
        members[changed->user] = *changed->role;
      } else {
        RC_ASSERT(members.erase(changed->user) == 1U);
      }
    }
  }
};

rc::Gen<chat::Command> any_command() {
  const auto target = rc::gen::inRange<Seq>(1, 25);
  const auto user = rc::gen::elementOf(kPeople);
  return rc::gen::mapcat(rc::gen::inRange(0, 14), [=](int kind) -> rc::Gen<chat::Command> {
    using Command = chat::Command;
    switch (kind) {
      case 0:
        return rc::gen::map(target, [](Seq t) { return Command(chat::Edit{t, "edited"}); });
      case 1:
        return rc::gen::map(target, [](Seq t) { return Command(chat::Delete{t}); });
      case 2:
        return rc::gen::map(rc::gen::pair(target, rc::gen::arbitrary<bool>()), [](auto p) {
          return Command(chat::React{p.first, "👍", p.second});
        });
      case 3:
      case 4:
        return rc::gen::map(target, [](Seq t) { return Command(chat::Read{t}); });
      case 5:
        return rc::gen::map(rc::gen::pair(user, rc::gen::inRange(0, 3)), [](auto p) {
          return Command(chat::SetMember{p.first, static_cast<chat::Role>(p.second), false});
        });
      case 6:
        return rc::gen::map(user, [](UserId u) { return Command(chat::SetMember{u, {}, true}); });
      case 7:
        return rc::gen::map(user, [](UserId u) { return Command(chat::RemoveMember{u}); });
      case 8:
        return rc::gen::just(Command(chat::Retitle{"t"}));
      default:  // sends, some of them repeated
        return rc::gen::map(rc::gen::inRange<std::uint8_t>(0, 40), [](std::uint8_t n) {
          Uuid cid;
          cid.bytes.fill(n);
          return Command(chat::Send{cid, "text " + std::to_string(n % 39), {}, "[]", {}});
        });
    }
  });
}

class RoomProperties : public RoomContract {
 protected:
  void check(RoomId room) {
    const auto page = world.wait(world.log->log_for_node(room, 0, 500));
    RC_ASSERT(page.has_value());
    Told told;
    for (const auto& event : page.assume_value().events) told.hear(event);
    RC_ASSERT(told.seq == page.assume_value().head);
    const auto members = world.wait(world.log->members_for_node(room)).value();
    RC_ASSERT(members.size() == told.members.size());
    bool owner = members.empty();
    for (const auto& member : members) {
      RC_ASSERT(told.members.at(member.user) == member.role);
      owner = owner || member.role == chat::Role::owner;
      check_reader(room, member, told);
    }
    RC_ASSERT(owner);
  }
  void check_reader(RoomId room, const chat::Member& member, const Told& told) {
    const auto views = world.wait(world.log->rooms(member.user, {room}, true)).value();
    RC_ASSERT(views.size() == 1U);
    const auto& view = views.front();
    RC_ASSERT(view.head.seq == told.seq);
    RC_ASSERT(view.head.ordinal == told.ordinal);
    RC_ASSERT(view.member_count == static_cast<std::int64_t>(told.members.size()));
    RC_ASSERT(view.read_seq >= member.joined_seq);
    // Unread, counted by hand: the messages behind his cursor.
    const auto log = world.wait(world.log->log(member.user, room, view.read_seq, 500)).value();
    RC_ASSERT(view.unread == std::ranges::count_if(log.events, [](const chat::Event& e) {
                return std::holds_alternative<chat::Sent>(e.body);
              }));
    const auto whole = world.wait(world.log->log(member.user, room, 0, 500)).value();
    RC_ASSERT(whole.events.front().seq == member.joined_seq);
  }
};

TEST_P(RoomProperties, AnyCommandsInAnyOrderKeepTheLogDenseAndTheCountsRight) {
  using Action = std::pair<UserId, chat::Command>;
  const auto action = rc::gen::pair(rc::gen::elementOf(kPeople), any_command());
  const bool holds = rc::check("log, ordinals, cids, members and unread agree", [&] {
    const auto actions = *rc::gen::container<std::vector<Action>>(60, action);
    const auto together = *rc::gen::inRange<std::size_t>(1, 30);
    const auto room = world.group({kYoungho});
    for (std::size_t i = 0; i < actions.size(); i += together) {
      std::vector<chat::Write> writes;
      for (auto k = i; k < std::min(i + together, actions.size()); ++k)
        writes.push_back(RoomWorld::request(room, actions[k].first, actions[k].second));
      world.write_together(std::move(writes));
    }
    check(room);
  });
  EXPECT_TRUE(holds);
}

RESPRING_ON_ALL_BACKENDS(RoomProperties);

}  // namespace
}  // namespace respring::store
