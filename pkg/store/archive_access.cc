#include "store/archive_access.h"

#include <utility>

#include "store/archive.h"
#include "store/pool_refusals.h"
#include "telemetry/metrics.h"

namespace respring::store {
namespace {

void count_failure(const char* what) {
  metrics::counter("respring_archive_failures_total", {{"what", what}}).add();
}

}  // namespace

ArchiveAccess::ArchiveAccess(Options options)
    : options_(options),
      segments_(options.blobs),
      reads_({.name = "archive-reads",
              .threads = 4,
              .queue_limit = 256,
              .on_refused = count_refusals("archive-reads")}),
      writes_({.name = "archive-writes",
               .threads = 1,
               .queue_limit = 256,
               .on_refused = count_refusals("archive-writes")}) {}

Task<Result<void>> ArchiveAccess::bring(std::shared_ptr<SegmentsAtHand> hand) {
  auto work = [this, hand]() -> Result<void> { return segments_.bring(*hand); };
  auto brought = co_await reads_.run_within(std::move(work), options_.longest);
  if (!brought) count_failure("read");
  co_return brought;
}

void ArchiveAccess::bring(WriteJob job, std::function<void(WriteJob)> go_on) {
  const auto shared = std::make_shared<WriteJob>(std::move(job));
  auto work = [this, shared, go_on = std::move(go_on)] {
    auto brought = segments_.bring(*shared->archived);
    if (brought) return go_on(std::move(*shared));
    count_failure("write");
    // Nothing was written: a store that cannot be reached leaves no doubt about that.
    auto why = std::move(brought).assume_error();
    if (why.code == ErrorCode::upstream_unavailable) why = overloaded(why.detail);
    shared->done(std::move(why));
  };
  if (!writes_.try_post(std::move(work)))
    shared->done(overloaded("too many writes wait for archived events"));
}

void ArchiveAccess::sweep(sql::Pool& shard) {
  if (options_.blobs == nullptr) return;
  writes_.try_post([this, &shard] {
    const auto connection = shard.acquire();
    if (!connection) return count_failure("sweep");
    const auto removed =
        remove_garbage(*connection.assume_value(), *options_.blobs, options_.clock->now());
    if (!removed) count_failure("sweep");
  });
}

void ArchiveAccess::stop() {
  reads_.stop();
  writes_.stop();
}

Result<std::int64_t> remove_garbage(sql::Connection& db, chat::BlobStore& blobs, Time now) {
  constexpr int kAtOnce = 100;
  std::int64_t removed = 0;
  while (true) {
    RESPRING_TRY(const auto keys, claim_garbage(db, now, kAtOnce));
    for (const auto& key : keys) {
      RESPRING_TRYV(blobs.remove(key));
    }
    RESPRING_TRYV(forget_garbage(db, keys));
    removed += static_cast<std::int64_t>(keys.size());
    if (keys.size() < kAtOnce) return removed;
  }
}

}  // namespace respring::store
