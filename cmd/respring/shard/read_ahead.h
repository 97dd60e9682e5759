#pragma once

#include <future>
#include <memory>
#include <optional>

#include "async/pool.h"
#include "store/settle.h"
#include "store/shard_moves.h"

namespace respring::cmd {

/// Reads a move's next rows at its source while those before them are written: a server each, and
/// neither waits for the other. One thread; a connection of its own, which is opened again when it
/// broke. Its end waits for the read that is on its way.
class ReadAhead {
 public:
  /// To a shard by its name; called on another thread.
  using Open = decltype(store::Fleet::shard);
  explicit ReadAhead(Open open) : open_(std::move(open)) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The chunk at a place, which stays until the next call. Asking for a place again costs nothing;
  /// every place is of the move that was asked for first.
  sql::Result<const store::CopyChunk*> at(const shardmap::Move& move, const store::CopyPlace& place,
                                          int rows);

 private:
  void begin(const shardmap::Move& move, const store::CopyPlace& place, int rows);
  sql::Result<store::CopyChunk> read(const shardmap::Move& move, const store::CopyPlace& place,
                                     int rows);

  const Open open_;
  std::unique_ptr<sql::Connection> source_;  // of the read that is on its way, if there is one
  std::optional<store::CopyChunk> current_;
  store::CopyPlace next_;
  std::future<sql::Result<store::CopyChunk>> read_;  // at next_
  std::unique_ptr<async::BlockingPool> reader_;      // from the first read on
};

}  // namespace respring::cmd
