#pragma once

#include "base/time.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/recent_events.h"
#include "chat/ports/room_log.h"

namespace respring::message {

/// The message role: the room logs, and telling everybody who listens what was just committed. It
/// is itself a RoomLog, so that the other roles cannot tell it from the HTTP client that stands for
/// it in their own process. Safe from any thread; borrows its ports.
class MessageService final : public chat::RoomLog {
 public:
  MessageService(chat::RoomLog& log, chat::PubSub& pub_sub, chat::RecentEvents& recent)
      : log_(log), pub_sub_(pub_sub), recent_(recent) {}

  /// Signals go out after the commit and before `done`, in the order of the room's log.
  void submit(chat::Write write, Done done) override;

  Task<Result<chat::History>> history(UserId reader, RoomId room,
                                      chat::HistoryQuery query) override {
    return log_.history(reader, room, query);
  }
  Task<Result<chat::Message>> message(UserId reader, RoomId room, Seq seq) override {
    return log_.message(reader, room, seq);
  }
  Task<Result<std::vector<chat::Message>>> messages(
      UserId reader, std::vector<std::pair<RoomId, Seq>> which) override {
    return log_.messages(reader, std::move(which));
  }
  Task<Result<chat::LogPage>> log(UserId reader, RoomId room, Seq after, int limit) override {
    return log_.log(reader, room, after, limit);
  }
  Task<Result<chat::LogPage>> log_for_node(RoomId room, Seq after, int limit) override {
    return log_.log_for_node(room, after, limit);
  }
  Task<Result<std::vector<chat::SyncItem>>> sync(UserId reader, std::vector<chat::Cursor> cursors,
                                                 int max_events) override {
    return log_.sync(reader, std::move(cursors), max_events);
  }
  Task<Result<std::vector<chat::RoomView>>> rooms(UserId reader, std::vector<RoomId> rooms,
                                                  bool with_last_message) override {
    return log_.rooms(reader, std::move(rooms), with_last_message);
  }
  Task<Result<std::vector<chat::Member>>> members(UserId reader, RoomId room,
                                                  std::optional<chat::Member> after,
                                                  int limit) override {
    return log_.members(reader, room, after, limit);
  }
  Task<Result<std::vector<chat::Member>>> members_for_node(RoomId room) override {
    return log_.members_for_node(room);
  }
  Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> heads(
      std::vector<RoomId> rooms) override {
    return log_.heads(std::move(rooms));
  }
  Task<Result<std::vector<chat::Message>>> messages_by(UserId sender, RoomId room, Seq after,
                                                       int limit) override {
    return log_.messages_by(sender, room, after, limit);
  }
  std::int64_t lane_of(RoomId room) const override { return log_.lane_of(room); }
  Task<Result<chat::ReachableRooms>> reachable_rooms(UserId reader, std::vector<RoomId> rooms,
                                                     bool with_last_message) override {
    return log_.reachable_rooms(reader, std::move(rooms), with_last_message);
  }
  Task<Result<std::vector<RoomId>>> rooms_of(UserId user, chat::Memberships which) override {
    return log_.rooms_of(user, which);
  }

 private:
  void tell_live_nodes(const chat::Write& write, const chat::Written& written);

  chat::RoomLog& log_;
  chat::PubSub& pub_sub_;
  chat::RecentEvents& recent_;
};

}  // namespace respring::message
