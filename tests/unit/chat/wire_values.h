#pragma once

#include <rapidcheck.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chat/codec.h"
#include "chat/wire.h"

/// Arbitrary values of what crosses between roles.
namespace respring::chat::wire {

template <class T>
T pick(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

/// Evenly, whatever the size: or the last kinds would hardly ever come.
inline int below(int end) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end)); }
inline std::int64_t number() { return *rc::gen::inRange<std::int64_t>(0, INT64_MAX); }
inline std::int64_t positive() { return *rc::gen::inRange<std::int64_t>(1, INT64_MAX); }
inline bool coin() { return *rc::gen::arbitrary<bool>(); }
/// Up to the end of the year 9999.
inline Time moment() { return from_ms(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999)); }
inline std::string words() {
  std::string text;
  for (int i = below(4); i > 0; --i)
    text += pick<std::string>(
        {"안녕", "a", "\"", "\\", "\n", "\x01", "👩‍👧", " ", "</", "커뮤니티"});
  return text;
}
template <class T>
T one();
template <class T>
rc::Gen<T> any() {
  return rc::gen::exec([] { return one<T>(); });
}
template <class T>
std::optional<T> perhaps(T value) {
  return coin() ? std::optional<T>(std::move(value)) : std::nullopt;
}
template <class T>
std::vector<T> some() {
  std::vector<T> items;
  for (int i = below(4); i > 0; --i) items.push_back(one<T>());
  return items;
}

template <>
inline UserId one<UserId>() {
  return {positive()};
}
template <>
inline Role one<Role>() {
  return pick({Role::member, Role::admin, Role::owner});
}
template <>
inline RoomKind one<RoomKind>() {
  return pick({RoomKind::direct, RoomKind::group});
}
template <>
inline User one<User>() {
  return {{positive()}, words(), words(), coin(), coin(), words(), moment()};
}
template <>
inline Session one<Session>() {
  return {{positive()}, {positive()}, words(), moment(), moment(), moment()};
}
template <>
inline Founder one<Founder>() {
  return {one<UserId>(), one<Role>()};
}
template <>
inline Member one<Member>() {
  return {one<UserId>(), one<Role>(), number()};
}
template <>
inline Head one<Head>() {
  return {number(), number(), number()};
}
template <>
inline Cursor one<Cursor>() {
  return {{number()}, number(), number()};  // also the room that cannot be
}
template <>
inline HistoryQuery one<HistoryQuery>() {
  using Anchor = HistoryQuery::Anchor;
  return {pick({Anchor::latest, Anchor::before, Anchor::after, Anchor::around}), number(),
          below(kMaxLimit + 1)};
}

inline std::optional<std::string> meta() {
  const std::string deep = R"({"a":[[[[[[[[[[[[[[1.5]]]]]]]]]]]]]],"나":{"b":null,"c":-0.25}})";
  return perhaps(pick<std::string>({"{}", deep, R"({"n":9007199254740993,"t":"\n\"한"})"}));
}
template <>
inline Message one<Message>() {
  Message m;
  m.room = {positive()};
  m.seq = positive();
  m.ordinal = number();
  m.sender = {positive()};
  m.cid = new_uuid();
  m.text = perhaps(words());
  m.reply_to = perhaps(positive());
  m.attachments = pick<std::string>({"[]", R"(["17","18"])"});
  m.meta = meta();
  m.created_at = moment();
  m.edited_at = perhaps(moment());
  m.deleted = coin();
  std::set<std::string> seen;
  for (int i = below(3); i > 0; --i) {
    const auto emoji = pick<std::string>({"👍", "❤️", "👩‍👧"});
    if (seen.insert(emoji).second) m.reactions.emplace_back(emoji, some<UserId>());
  }
  m.version = positive();
  return m;
}
template <>
inline EventBody one<EventBody>() {
  switch (below(7)) {
    case 0:
      return Created{one<RoomKind>(), perhaps(words()), some<Founder>()};
    case 1:
      return Sent{one<Message>()};
    case 2:
      return Edited{number(), perhaps(words()), number()};
    case 3:
      return Deleted{number(), number()};
    case 4:
      return Reacted{number(), words(), coin()};
    case 5:
      return MemberChanged{one<UserId>(), perhaps(one<Role>())};
    default:
      return Retitled{words()};
  }
}
template <>
inline Event one<Event>() {
  return {{positive()}, number(), positive(), one<UserId>(), moment(), one<EventBody>()};
}
template <>
inline History one<History>() {
  return {some<Message>(), coin(), coin()};
}
template <>
inline LogPage one<LogPage>() {
  return {number(), number(), number(), some<Event>()};
}
template <>
inline SyncItem one<SyncItem>() {
  const RoomId room{number()};
  switch (below(5)) {
    case 0:
      return SyncEvents{room, number(), number(), some<Event>()};
    case 1:
      return SyncLimited{room, number(), number()};
    case 2:
      return SyncReset{room, number(), number(), number()};
    case 3:
      return SyncUnreachable{room};
    default:
      return SyncGone{room};
  }
}
template <>
inline RoomView one<RoomView>() {
  RoomView room;
  room.id = {positive()};
  room.kind = one<RoomKind>();
  room.title = perhaps(words());
  room.created_at = moment();
  room.member_count = number();
  room.role = one<Role>();
  room.peer = perhaps(one<UserId>());
  room.head = one<Head>();
  room.first_seq = number();
  room.read_seq = number();
  room.unread = number();
  room.last_at = moment();
  room.last_message = perhaps(one<Message>());
  return room;
}
template <>
inline Command one<Command>() {
  switch (below(11)) {
    case 0:
      return Create{one<RoomKind>(), perhaps(words()), some<Founder>()};
    case 1:
      return Send{new_uuid(), words(), perhaps(positive()), "[]", meta()};
    case 2:
      return Edit{number(), words()};
    case 3:
      return Delete{number()};
    case 4:
      return React{number(), words(), coin()};
    case 5:
      return Read{number()};
    case 6:
      return SetMember{one<UserId>(), perhaps(one<Role>()), coin()};
    case 7:
      return RemoveMember{one<UserId>()};
    case 8:
      return Retitle{words()};
    case 9:
      return Close{};
    default:
      return SetBlock{coin()};
  }
}
template <>
inline Written one<Written>() {
  Written written;
  written.events = some<Event>();
  for (const Event& event : written.events) written.json.push_back(to_json(event));
  written.seq = number();
  written.ordinal = number();
  written.version = number();
  written.at = moment();
  written.duplicate = coin();
  written.message = perhaps(one<Message>());
  written.member = perhaps(one<Member>());
  written.room = perhaps(one<RoomView>());
  written.read_seq = number();
  written.unread = number();
  written.members = some<UserId>();
  return written;
}

/// Fields that stand only where there is something to say. Events and messages, which the API's
/// codec writes, have all of theirs always.
inline bool may_be_absent(const std::string& key, const json::Value& in) {
  if (in.find("cid") && in.find("version")) return false;  // a message
  if (in.find("kind") && in.find("actor")) return false;   // an event
  static const std::set<std::string> kOptional{"title", "peer", "last_message", "reply_to", "meta"};
  if (kOptional.contains(key)) return in.string_or("do") != "retitle";
  if (key == "role") return in.string_or("do") == "set_member";
  const bool is_written = in.find("duplicate") != nullptr;
  return is_written && (key == "message" || key == "member" || key == "room");
}

}  // namespace respring::chat::wire
