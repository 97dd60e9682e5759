// Invitations: a code that lets whoever has it join a group.
#include "services/room/service.h"

namespace respring::room {

namespace {
constexpr std::size_t kCodeBytes = 12;  // 96 random bits: guessing one is hopeless
}

Task<Result<chat::Invite>> RoomService::invite(UserId actor, RoomId id,
                                               std::optional<Time> expires_at,
                                               std::optional<int> uses) {
  RESPRING_CO_TRY(const chat::RoomView view, co_await room(actor, id));
  if (view.kind == chat::RoomKind::direct) co_return forbidden("a direct room has two people");
  if (view.role == chat::Role::member) co_return forbidden("only owners and admins invite");
  chat::Invite invite{random_token(kCodeBytes), id, actor, expires_at, uses};
  RESPRING_CO_TRYV(co_await p_.directory.add_invite(invite));
  co_return invite;
}

Task<Result<chat::RoomView>> RoomService::join(Asker by, std::string code) {
  RESPRING_CO_TRY(const auto known, co_await p_.directory.invite(code, p_.clock.now()));
  if (!known) co_return not_found("no such invitation");
  // Who is in the room already does not use the invitation up.
  RESPRING_CO_TRY(auto mine, co_await p_.log.rooms(by.user, one(known->room), false));
  if (!mine.empty()) co_return std::move(mine.front());
  RESPRING_CO_TRY(const auto used, co_await p_.directory.use_invite(code, p_.clock.now()));
  if (!used) co_return not_found("no such invitation");
  chat::Write write{used->room, by.user, chat::SetMember{by.user, std::nullopt, true}, by.deadline,
                    std::move(by.trace)};
  RESPRING_CO_TRY(const chat::Written written, co_await p_.log.write(std::move(write)));
  RESPRING_CO_TRYV(
      co_await p_.directory.put_in_lists(used->room, one(by.user), written.member->joined_seq));
  co_return co_await room(by.user, used->room);
}

}  // namespace respring::room
