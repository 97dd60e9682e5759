#pragma once

#include "chat/roles/room_lists.h"
#include "net/role_call.h"

namespace respring::room {

/// The room role in another process; `upstream_unavailable` when it cannot be asked. Safe from any
/// thread; borrows the client.
class RoomListsClient final : public chat::RoomLists {
 public:
  explicit RoomListsClient(const net::RoleClient& role) : role_(role) {}

  Task<Result<std::vector<RoomId>>> rooms_of(UserId user) override;
  Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) override;
  Task<Result<void>> forget_user(UserId user) override;

 private:
  const net::RoleClient& role_;
};

}  // namespace respring::room
