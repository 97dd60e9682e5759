#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "async/pool.h"
#include "base/time.h"
#include "sql/pool.h"
#include "store/batch_runner.h"
#include "store/segments_at_hand.h"

namespace respring::store {

/// How the room logs reach archived events without their shards waiting for the blob store: reads
/// and writes that need some give up, and begin anew when these were brought, on threads of their
/// own. Safe from any thread.
class ArchiveAccess {
 public:
  struct Options {
    chat::BlobStore* blobs = nullptr;  ///< must outlive this; nothing: all that is asked fails
    const Clock* clock = nullptr;
    std::chrono::milliseconds longest{20'000};  ///< that a read waits
  };
  explicit ArchiveAccess(Options options);

  /// For reads: what is missing is brought. Besides ArchivedSegments' errors `overloaded`.
  Task<Result<void>> bring(std::shared_ptr<SegmentsAtHand> hand);
  /// For writes: hands them to `go_on` in the order of their coming, or answers them with the
  /// error.
  void bring(WriteJob job, std::function<void(WriteJob)> go_on);
  /// Removes the objects that nobody needs any more; what fails waits for the next time.
  void sweep(sql::Pool& shard);
  /// Finishes what is queued. Idempotent.
  void stop();

 private:
  Options options_;
  ArchivedSegments segments_;
  async::BlockingPool reads_;
  async::BlockingPool writes_;  // one thread: it keeps their order
};

/// Removes objects that are garbage by now, and what the shard remembers of them; how many.
Result<std::int64_t> remove_garbage(sql::Connection& db, chat::BlobStore& blobs, Time now);

}  // namespace respring::store
