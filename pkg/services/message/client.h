#pragma once

#include <memory>

#include "chat/ports/room_log.h"
#include "net/role_call.h"
#include "services/message/write_lanes.h"

namespace respring::message {

/// The message role in another process. Besides the role's own errors: `overloaded` when too much
/// waits, nothing of it was done; `upstream_unavailable` for a lost answer, whose outcome is
/// unknown. A write waits for no longer than the role's client does. Safe from any thread; borrows
/// the client.
class RoomLogClient final : public chat::RoomLog {
 public:
  RoomLogClient(const net::RoleClient& role, WriteLanes::Options options)
      : role_(role), writes_(role, std::move(options)) {}

  /// `done` comes from the executor of the options or, when refused at once, from the caller.
  void submit(chat::Write write, Done done) override {
    writes_.submit(std::move(write), std::move(done));
  }

  Task<Result<chat::History>> history(UserId reader, RoomId room,
                                      chat::HistoryQuery query) override;
  Task<Result<chat::Message>> message(UserId reader, RoomId room, Seq seq) override;
  Task<Result<std::vector<chat::Message>>> messages(
      UserId reader, std::vector<std::pair<RoomId, Seq>> which) override;
  Task<Result<chat::LogPage>> log(UserId reader, RoomId room, Seq after, int limit) override;
  Task<Result<chat::LogPage>> log_for_node(RoomId room, Seq after, int limit) override;
  Task<Result<std::vector<chat::SyncItem>>> sync(UserId reader, std::vector<chat::Cursor> cursors,
                                                 int max_events) override;
  Task<Result<std::vector<chat::RoomView>>> rooms(UserId reader, std::vector<RoomId> rooms,
                                                  bool with_last_message) override;
  Task<Result<std::vector<chat::Member>>> members(UserId reader, RoomId room,
                                                  std::optional<chat::Member> after,
                                                  int limit) override;
  Task<Result<std::vector<chat::Member>>> members_for_node(RoomId room) override;
  Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> heads(
      std::vector<RoomId> rooms) override;
  Task<Result<std::vector<chat::Message>>> messages_by(UserId sender, RoomId room, Seq after,
                                                       int limit) override;
  Task<Result<chat::ReachableRooms>> reachable_rooms(UserId reader, std::vector<RoomId> rooms,
                                                     bool with_last_message) override;
  Task<Result<std::vector<RoomId>>> rooms_of(UserId user, chat::Memberships which) override;

 private:
  const net::RoleClient& role_;
  WriteLanes writes_;
};

}  // namespace respring::message
