#pragma once

#include <memory>

#include "async/io_pool.h"
#include "redis/client.h"
#include "respring/settings.h"

namespace respring::cmd {

/// Tells the nodes that the shard map has changed, where they share a server for pub/sub; the
/// others look at it themselves, every two seconds and whenever a shard turns a write away. Any
/// thread.
class MapNews {
 public:
  static Result<std::unique_ptr<MapNews>> open(const RedisSettings& settings);

  /// Waits for nothing; may get lost.
  void tell();
  /// What was told has left, or could not.
  ~MapNews();

 private:
  MapNews() : io_(1) {}

  async::IoPool io_;
  std::unique_ptr<redis::Client> client_;  ///< empty without a server
};

}  // namespace respring::cmd
