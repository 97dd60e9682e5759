#pragma once

#include <memory>

#include "async/io_pool.h"
#include "async/pool.h"
#include "base/time.h"
#include "chat/cursor_seal.h"
#include "chat/ports/cache.h"
#include "chat/ports/event_bus.h"
#include "chat/ports/presence.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/rate_limiter.h"
#include "chat/ports/room_directory.h"
#include "chat/ports/search_index.h"
#include "chat/ports/user_store.h"
#include "respring/serve/data_dir.h"
#include "respring/settings.h"
#include "store/room_log.h"

namespace respring::cmd {

/// Every backend that the roles stand on, opened as the settings say. Later members use earlier
/// ones; stop() before the I/O threads end.
struct Platform {
  /// Opens and migrates everything. The error says which part failed and why.
  static Result<std::unique_ptr<Platform>> open(const Settings& settings, const DataDir& dir);

  /// Finishes what is queued and lets go of the databases; the I/O threads still run. Idempotent.
  void stop();
  ~Platform();

  SystemClock clock;
  std::unique_ptr<async::IoPool> io;
  std::unique_ptr<chat::CursorSeal> seal;
  std::unique_ptr<async::BlockingPool> passwords;
  std::unique_ptr<chat::PubSub> pub_sub;
  std::unique_ptr<chat::Cache> cache;
  std::unique_ptr<chat::Presence> presence;
  std::unique_ptr<chat::RateLimiter> limiter;
  std::unique_ptr<chat::EventBus> bus;
  std::unique_ptr<chat::UserStore> users;
  std::unique_ptr<chat::RoomDirectory> directory;
  std::unique_ptr<chat::SearchIndex> index;
  std::unique_ptr<store::RoomLog> log;
};

/// The map as the meta database has it, made there at the first start.
sql::Result<shardmap::ShardMap> map_of(const Settings& settings, const DataDir& dir);

/// Messages are there, none of them can be found, and no event is on its way that would change it:
/// the index was lost or never made.
bool search_is_lost(const Platform& platform, const Settings& settings, const DataDir& dir);

/// How to open one of the databases the settings name.
sql::Connect connector_of(const DataDir& dir, const std::string& dsn);
/// The same, with every migration of `set` applied first.
sql::Result<sql::Connect> migrated(const DataDir& dir, const std::string& dsn,
                                   std::string_view set);

}  // namespace respring::cmd
