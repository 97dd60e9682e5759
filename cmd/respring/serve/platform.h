#pragma once

#include <memory>
#include <string>

#include "async/io_pool.h"
#include "async/pool.h"
#include "base/time.h"
#include "chat/cursor_seal.h"
#include "chat/ports/cache.h"
#include "chat/ports/event_bus.h"
#include "chat/ports/presence.h"
#include "chat/ports/pub_sub.h"
#include "chat/ports/rate_limiter.h"
#include "chat/ports/recent_events.h"
#include "chat/ports/room_directory.h"
#include "chat/ports/search_index.h"
#include "chat/ports/shared_sessions.h"
#include "chat/ports/user_store.h"
#include "respring/backends.h"
#include "respring/serve/role_set.h"
#include "respring/serve/schema_presence.h"
#include "shardmap/move.h"
#include "store/room_log.h"
#include "telemetry/health.h"

namespace respring::cmd {

/// The backends that the roles of this process stand on, opened as the settings say; what no role
/// needs stays empty. Later members use earlier ones; stop() before the I/O threads end.
struct Platform {
  /// Opens everything. The error says which part failed and why: `upstream_unavailable` for a
  /// server that cannot be reached, `conflict` for a database of another version.
  static Result<std::unique_ptr<Platform>> open(const Settings& settings, const DataDir& dir,
                                                const RoleSet& roles);

  /// Finishes what is queued and lets go of the databases; the I/O threads still run. Idempotent.
  void stop();
  ~Platform();

  std::string node;  ///< tells this process from others of the same platform
  SystemClock clock;
  std::unique_ptr<async::IoPool> io;
  std::unique_ptr<chat::CursorSeal> seal;
  std::unique_ptr<async::BlockingPool> passwords;
  std::unique_ptr<chat::PubSub> pub_sub;
  std::unique_ptr<chat::RecentEvents> recent;
  std::unique_ptr<chat::Cache> cache;
  /// Empty where nobody ends sessions and nothing is shared.
  std::unique_ptr<chat::SharedSessions> shared_sessions;
  std::unique_ptr<chat::Presence> presence;
  std::unique_ptr<chat::RateLimiter> limiter;
  std::unique_ptr<chat::EventBus> bus;
  std::unique_ptr<chat::UserStore> users;
  std::unique_ptr<chat::RoomDirectory> directory;
  std::unique_ptr<chat::SearchIndex> index;
  std::unique_ptr<chat::BlobStore> blobs;  ///< the log reads from it
  std::unique_ptr<store::RoomLog> log;
  /// Moves of slots that are not over; empty where nobody writes to shards. Blocks, any thread.
  std::function<sql::Result<std::vector<shardmap::Move>>()> open_moves;
  /// Whoever changes the shard map says so; without that it is looked at now and then.
  std::unique_ptr<chat::PubSub::Subscription> map_news;
  /// Of the databases that are on servers.
  std::unique_ptr<SchemaPresence> schema_presence;
  /// Gives up what waits for the event bus; empty when nothing can.
  std::function<void()> stop_bus;
  /// How the servers behind them are; each may be asked from any thread.
  std::vector<std::pair<std::string, std::function<health::Status()>>> checks;
};

/// The map as the meta database has it, made there at the first start.
sql::Result<shardmap::ShardMap> map_of(const Settings& settings, const DataDir& dir);

/// Channel on which a new version of the shard map is told.
inline constexpr std::string_view kMapChannel = "rs:shard-map";

/// Messages are there, none of them can be found, and no event is on its way that would change it:
/// the index was lost or never made. Looks at embedded storage only.
bool search_is_lost(const Platform& platform, const Settings& settings, const DataDir& dir);

}  // namespace respring::cmd
