#pragma once

#include <algorithm>
#include <map>

#include "chat/ports/room_log.h"
#include "chat/roles/room_lists.h"

namespace respring::user {

/// Rooms in memory that know what the user role asks of them.
class FakeRooms final : public chat::RoomLog, public chat::RoomLists {
 public:
  struct Room {
    chat::RoomKind kind = chat::RoomKind::group;
    std::vector<UserId> members;
    std::map<Seq, UserId> messages;  ///< undeleted ones, by seq
    std::vector<UserId> blockers;
  };

  void submit(chat::Write write, Done done) override {
    Room& room = rooms_by_id[write.room];
    if (const auto* command = std::get_if<chat::Delete>(&write.command)) {
      room.messages.erase(command->target);
    } else if (std::get_if<chat::RemoveMember>(&write.command)) {
      std::erase(room.members, write.actor);
    } else if (const auto* block = std::get_if<chat::SetBlock>(&write.command)) {
      if (fail_block) return done(Error{ErrorCode::overloaded, "busy", {}, {}});
      if (block->on) room.blockers.push_back(write.actor);
      if (!block->on) std::erase(room.blockers, write.actor);
    }
    done(chat::Written{});
  }
  Task<Result<std::vector<chat::Message>>> messages_by(UserId sender, RoomId id, Seq after,
                                                       int limit) override {
    std::vector<chat::Message> found;
    for (const auto& [seq, who] : rooms_by_id[id].messages) {
      if (who != sender || seq <= after || std::ssize(found) >= limit) continue;
      chat::Message message;
      message.room = id;
      message.seq = seq;
      message.sender = who;
      message.text = "글 " + std::to_string(seq);
      found.push_back(message);
    }
    co_return found;
  }
  Task<Result<std::vector<RoomId>>> rooms_of(UserId user, chat::Memberships) override {
    return rooms_of(user);
  }
  Task<Result<std::vector<RoomId>>> rooms_of(UserId user) override {
    std::vector<RoomId> found;
    for (const auto& [id, room] : rooms_by_id) {
      if (std::count(room.members.begin(), room.members.end(), user) > 0) found.push_back(id);
    }
    co_return found;
  }
  Task<Result<chat::ReachableRooms>> reachable_rooms(UserId reader, std::vector<RoomId> ids,
                                                     bool with_last_message) override {
    chat::ReachableRooms all;
    RESPRING_CO_TRY(all.views, co_await rooms(reader, std::move(ids), with_last_message));
    co_return all;
  }
  Task<Result<std::vector<chat::RoomView>>> rooms(UserId, std::vector<RoomId> ids, bool) override {
    std::vector<chat::RoomView> views;
    for (const RoomId id : ids) {
      chat::RoomView view;
      view.id = id;
      view.kind = rooms_by_id[id].kind;
      views.push_back(view);
    }
    co_return views;
  }

  Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) override {
    for (const auto& [id, room] : rooms_by_id) {
      if (room.kind == chat::RoomKind::direct && room.members == std::vector{a, b}) co_return id;
    }
    co_return std::optional<RoomId>();
  }
  Task<Result<void>> forget_user(UserId user) override {
    forgotten.push_back(user);
    co_return success();
  }

  // What the user role never asks.
  Task<Result<chat::History>> history(UserId, RoomId, chat::HistoryQuery) override {
    co_return internal("not in this fake");
  }
  Task<Result<chat::Message>> message(UserId, RoomId, Seq) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<chat::Message>>> messages(UserId,
                                                    std::vector<std::pair<RoomId, Seq>>) override {
    co_return internal("not in this fake");
  }
  Task<Result<chat::LogPage>> log(UserId, RoomId, Seq, int) override {
    co_return internal("not in this fake");
  }
  Task<Result<chat::LogPage>> log_for_node(RoomId, Seq, int) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<chat::SyncItem>>> sync(UserId, std::vector<chat::Cursor>, int) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<chat::Member>>> members(UserId, RoomId, std::optional<chat::Member>,
                                                  int) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<chat::Member>>> members_for_node(RoomId) override {
    co_return internal("not in this fake");
  }
  Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> heads(std::vector<RoomId>) override {
    co_return internal("not in this fake");
  }

  std::map<RoomId, Room> rooms_by_id;
  std::vector<UserId> forgotten;
  bool fail_block = false;
};

}  // namespace respring::user
