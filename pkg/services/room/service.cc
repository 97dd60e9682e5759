#include "services/room/service.h"

#include <algorithm>
#include <unordered_map>

namespace respring::room {
namespace {

bool by_latest_activity(const ListEntry& a, const ListEntry& b) {
  if (a.view.last_at != b.view.last_at) return a.view.last_at > b.view.last_at;
  return a.view.id > b.view.id;
}

}  // namespace

Task<Result<void>> RoomService::require_users(const std::vector<UserId>& users) {
  RESPRING_CO_TRY(const auto found, co_await p_.accounts.users(users));
  const auto alive = static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [](const chat::User& u) { return !u.deleted; }));
  if (alive != users.size()) co_return not_found("no such user");
  co_return success();
}

Task<Result<NewRoom>> RoomService::begin_log(chat::ReservedRoom reserved, Deadline deadline,
                                             std::string trace) {
  chat::Create create{reserved.kind, reserved.title, reserved.founders};
  chat::Write write{reserved.room, reserved.creator, std::move(create), deadline, std::move(trace)};
  RESPRING_CO_TRY(chat::Written written, co_await p_.log.write(std::move(write)));
  std::vector<UserId> users;
  for (const chat::Founder& founder : reserved.founders) users.push_back(founder.user);
  RESPRING_CO_TRYV(co_await p_.directory.put_in_lists(reserved.room, std::move(users), 1));
  RESPRING_CO_TRYV(co_await p_.directory.activate(reserved.room));
  co_return NewRoom{std::move(*written.room), written.duplicate};
}

Task<Result<NewRoom>> RoomService::open_direct(Asker by, UserId peer) {
  if (by.user == peer) co_return invalid_field("members", "oneself");
  RESPRING_CO_TRYV(co_await require_users(one(peer)));
  RESPRING_CO_TRY(const auto blockers, co_await p_.accounts.blockers(by.user, peer));
  if (!blockers.empty()) co_return forbidden("one of you has blocked the other");
  chat::ReservedRoom wanted{.creator = by.user, .kind = chat::RoomKind::direct};
  wanted.founders = {{by.user, chat::Role::member}, {peer, chat::Role::member}};
  RESPRING_CO_TRY(chat::ReservedRoom reserved, co_await p_.directory.reserve(std::move(wanted)));
  if (reserved.active) {
    RESPRING_CO_TRY(chat::RoomView view, co_await room(by.user, reserved.room));
    co_return NewRoom{std::move(view), true};
  }
  RESPRING_CO_TRY(NewRoom made, co_await begin_log(std::move(reserved), by.deadline, by.trace));
  // A block that came between the question above and the log had no room yet to close.
  RESPRING_CO_TRY(const auto blockers_now, co_await p_.accounts.blockers(by.user, peer));
  for (const UserId blocker : blockers_now) {
    chat::Write write{made.room.id, blocker, chat::SetBlock{true}, by.deadline, by.trace};
    RESPRING_CO_TRYV(co_await p_.log.write(std::move(write)));
  }
  if (!blockers_now.empty()) co_return forbidden("one of you has blocked the other");
  if (made.existed) {  // another request, or one before a crash, had begun it: show it as mine
    RESPRING_CO_TRY(made.room, co_await room(by.user, made.room.id));
  }
  co_return made;
}

Task<Result<NewRoom>> RoomService::create_group(Asker by, std::string title,
                                                std::vector<UserId> members) {
  std::erase(members, by.user);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  RESPRING_CO_TRYV(co_await require_users(members));
  chat::ReservedRoom wanted{.creator = by.user, .kind = chat::RoomKind::group};
  wanted.title = std::move(title);
  wanted.founders.push_back({by.user, chat::Role::owner});
  for (const UserId user : members) wanted.founders.push_back({user, chat::Role::member});
  RESPRING_CO_TRY(chat::ReservedRoom reserved, co_await p_.directory.reserve(std::move(wanted)));
  co_return co_await begin_log(std::move(reserved), by.deadline, by.trace);
}

Task<Result<RoomList>> RoomService::list(UserId user) {
  RESPRING_CO_TRY(const auto listed, co_await p_.directory.rooms_of(user));
  std::vector<RoomId> ids;
  std::unordered_map<RoomId, const chat::ListedRoom*> preferences;
  for (const chat::ListedRoom& entry : listed) {
    ids.push_back(entry.room);
    preferences[entry.room] = &entry;
  }
  RESPRING_CO_TRY(auto found, co_await p_.log.reachable_rooms(user, std::move(ids), false));
  RoomList list;
  list.unreachable = std::move(found.unreachable);
  for (chat::RoomView& view : found.views) {
    const chat::ListedRoom& mine = *preferences.at(view.id);
    list.entries.push_back({std::move(view), mine.muted, mine.pinned});
  }
  std::sort(list.entries.begin(), list.entries.end(), by_latest_activity);
  co_return list;
}

Task<Result<chat::RoomView>> RoomService::room(UserId reader, RoomId room) {
  RESPRING_CO_TRY(auto views, co_await p_.log.rooms(reader, one(room), false));
  if (views.empty()) co_return not_found("no such room");
  co_return std::move(views.front());
}

Task<Result<ListEntry>> RoomService::entry(UserId reader, RoomId id) {
  RESPRING_CO_TRY(chat::RoomView view, co_await room(reader, id));
  RESPRING_CO_TRY(const auto listed, co_await p_.directory.rooms_of(reader));
  ListEntry entry{std::move(view), false, false};
  for (const chat::ListedRoom& mine : listed) {
    if (mine.room == id) entry.muted = mine.muted, entry.pinned = mine.pinned;
  }
  co_return entry;
}

Task<Result<void>> RoomService::retitle(Asker by, RoomId id, std::string title) {
  chat::Write write{id, by.user, chat::Retitle{std::move(title)}, by.deadline, std::move(by.trace)};
  RESPRING_CO_TRYV(co_await p_.log.write(std::move(write)));
  co_return success();
}

Task<Result<void>> RoomService::close(Asker by, RoomId room) {
  chat::Write write{room, by.user, chat::Close{}, by.deadline, std::move(by.trace)};
  RESPRING_CO_TRYV(co_await p_.log.write(std::move(write)));
  co_return co_await p_.directory.remove_room(room);
}

Task<Result<chat::Member>> RoomService::set_member(Asker by, RoomId room, UserId user,
                                                   std::optional<chat::Role> role) {
  // Whether the room exists for him comes before whether the other user exists at all.
  RESPRING_CO_TRYV(co_await this->room(by.user, room));
  RESPRING_CO_TRYV(co_await require_users(one(user)));
  chat::Write write{room, by.user, chat::SetMember{user, role, false}, by.deadline,
                    std::move(by.trace)};
  RESPRING_CO_TRY(const chat::Written written, co_await p_.log.write(std::move(write)));
  RESPRING_CO_TRYV(co_await p_.directory.put_in_lists(room, one(user), written.member->joined_seq));
  co_return *written.member;
}

Task<Result<void>> RoomService::remove_member(Asker by, RoomId room, UserId user) {
  chat::Write write{room, by.user, chat::RemoveMember{user}, by.deadline, std::move(by.trace)};
  RESPRING_CO_TRY(const chat::Written written, co_await p_.log.write(std::move(write)));
  co_return co_await p_.directory.take_from_list(room, user, written.seq);
}

Task<Result<void>> RoomService::set_preferences(UserId user, RoomId room, std::optional<bool> muted,
                                                std::optional<bool> pinned) {
  RESPRING_CO_TRYV(co_await this->room(user, room));
  co_return co_await p_.directory.set_preferences(user, room, muted, pinned);
}

Task<Result<std::vector<RoomId>>> RoomService::rooms_of(UserId user) {
  RESPRING_CO_TRY(const auto listed, co_await p_.directory.rooms_of(user));
  std::vector<RoomId> ids;
  for (const chat::ListedRoom& entry : listed) ids.push_back(entry.room);
  co_return ids;
}

Task<Result<std::optional<RoomId>>> RoomService::direct_room(UserId a, UserId b) {
  co_return co_await p_.directory.direct_room(a, b);
}

Task<Result<void>> RoomService::forget_user(UserId user) {
  RESPRING_CO_TRY(const auto listed, co_await p_.directory.rooms_of(user));
  for (const chat::ListedRoom& entry : listed) {
    RESPRING_CO_TRYV(co_await p_.directory.take_from_list(entry.room, user, INT64_MAX));
  }
  co_return success();
}

Task<Result<int>> RoomService::finish_reserved(Time before, Deadline deadline) {
  constexpr int kAtOnce = 100;
  RESPRING_CO_TRY(auto unfinished, co_await p_.directory.unfinished(before, kAtOnce));
  for (chat::ReservedRoom& reserved : unfinished) {
    RESPRING_CO_TRYV(co_await begin_log(std::move(reserved), deadline));
  }
  co_return static_cast<int>(unfinished.size());
}

}  // namespace respring::room
