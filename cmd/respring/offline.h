#pragma once

#include <memory>
#include <optional>
#include <string>

#include "async/io_pool.h"
#include "async/pool.h"
#include "async/run.h"
#include "respring/site.h"
#include "services/room/service.h"
#include "services/user/service.h"
#include "store/room_directory.h"
#include "store/room_log.h"
#include "store/user_store.h"

namespace respring::redis {
class Client;
}

namespace respring::cmd {

/// The user and room roles over a site's stores without servers, relays and followers: for the
/// commands of an operator. With Access::beside only what needs no lock may be asked of it: users
/// and sessions may be written, rooms be read. What is written to room logs stays in the outbox
/// until a server runs.
class Offline {
 public:
  /// Makes and migrates nothing: `conflict` when a schema is not this program's.
  static Result<std::unique_ptr<Offline>> open(const Site& site);
  ~Offline();

  user::UserService& users() { return *users_; }
  store::UserStore& user_store() { return *user_store_; }
  store::RoomLog& log() { return *log_; }

  /// After ending sessions: why nodes that run apart could not be told, if so. They learn of it
  /// within a minute.
  std::optional<std::string> untold() const;

  /// Waits for a task's outcome.
  template <class T>
  T run(Task<T> task) {
    return async::block_on<T>(io_.at(0).get_executor(), std::move(task));
  }

 private:
  Offline();
  Result<void> open_stores(const Site& site);
  /// Nodes that run apart recognise sessions from Redis: an end must reach it.
  Result<void> reach_nodes(const RedisSettings& settings);
  void make_services(const Site& site);

  SystemClock clock_;
  async::IoPool io_;
  async::BlockingPool passwords_;
  std::unique_ptr<chat::PubSub> pub_sub_;
  std::unique_ptr<chat::Cache> cache_;
  std::shared_ptr<redis::Client> sessions_client_;  ///< empty without Redis
  std::unique_ptr<chat::SharedSessions> shared_;
  std::unique_ptr<chat::RateLimiter> limiter_;
  std::unique_ptr<store::UserStore> user_store_;
  std::unique_ptr<store::RoomDirectory> directory_;
  std::unique_ptr<chat::BlobStore> blobs_;
  std::unique_ptr<store::RoomLog> log_;
  std::unique_ptr<user::UserService> users_;
  std::unique_ptr<room::RoomService> rooms_;
};

/// `@handle` or an id. `not_found` when there is no such user, `invalid_request` when it is
/// neither.
Result<chat::User> find_user(Offline& offline, const std::string& text);

}  // namespace respring::cmd
