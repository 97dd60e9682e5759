#pragma once

#include <memory>

#include "async/pool.h"
#include "base/time.h"
#include "chat/ports/room_directory.h"
#include "sql/pool.h"

namespace respring::store {

/// chat::RoomDirectory in one database.
class RoomDirectory final : public chat::RoomDirectory {
 public:
  struct Options {
    sql::Connect connect;
    const Clock* clock = nullptr;  ///< must outlive this
    std::size_t threads = 2;
    std::size_t queue_limit = 2048;
  };

  /// Migrates the database and starts the threads.
  static sql::Result<std::unique_ptr<RoomDirectory>> open(Options options);
  ~RoomDirectory() override;
  void stop();  ///< answers what is queued; idempotent

  Task<Result<chat::ReservedRoom>> reserve(chat::ReservedRoom room) override;
  Task<Result<void>> activate(RoomId room) override;
  Task<Result<std::optional<RoomId>>> direct_room(UserId a, UserId b) override;
  Task<Result<std::vector<chat::ReservedRoom>>> unfinished(Time before, int limit) override;
  Task<Result<void>> put_in_lists(RoomId room, std::vector<UserId> users, Seq seq) override;
  Task<Result<void>> take_from_list(RoomId room, UserId user, Seq seq) override;
  Task<Result<void>> remove_room(RoomId room) override;
  Task<Result<std::vector<chat::ListedRoom>>> rooms_of(UserId user) override;
  Task<Result<std::vector<UserId>>> users_of(RoomId room) override;
  Task<Result<void>> set_preferences(UserId user, RoomId room, std::optional<bool> muted,
                                     std::optional<bool> pinned) override;
  Task<Result<void>> add_invite(chat::Invite invite) override;
  Task<Result<std::optional<chat::Invite>>> use_invite(std::string code, Time now) override;
  Task<Result<std::optional<chat::Invite>>> invite(std::string code, Time now) override;

 private:
  explicit RoomDirectory(Options options);

  Options options_;
  sql::Pool connections_;
  async::BlockingPool pool_;
};

}  // namespace respring::store
