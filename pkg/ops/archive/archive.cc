#include "ops/archive/archive.h"

#include "base/failpoint.h"

namespace respring::archive {
namespace {

/// Announced, written, read back, and only then taken out of the tables. A piece is small: one that
/// was cut off begins anew, and what it left is garbage by then.
Result<Fate> take_away(Shard& shard, chat::BlobStore& blobs, const Piece& piece) {
  RESPRING_TRYV(shard.announce(piece));
  failpoint("archive.announce.after");
  RESPRING_TRYV(blobs.put(piece.key, piece.object));
  failpoint("archive.write.after");
  RESPRING_TRY(const auto is, blobs.get(piece.key));
  if (is != piece.object)
    return internal("the blob store gives back other bytes than were written to " + piece.key);
  RESPRING_TRY(const Fate fate, shard.commit(piece));
  failpoint("archive.commit.after");
  return fate;
}

Result<void> remove_garbage(Shard& shard, chat::BlobStore& blobs, Report& report) {
  while (true) {
    RESPRING_TRY(const auto keys, shard.garbage());
    if (keys.empty()) return success();
    for (const auto& key : keys) {
      RESPRING_TRYV(blobs.remove(key));
    }
    RESPRING_TRYV(shard.forget(keys));
    report.removed += static_cast<std::int64_t>(keys.size());
  }
}

void count(const Piece& piece, Report& report) {
  ++report.segments;
  report.events += piece.events();
  report.messages += piece.messages;
  report.bytes += static_cast<std::int64_t>(piece.object.size());
}

}  // namespace

Result<Report> run(Shard& shard, chat::BlobStore& blobs, bool dry_run, const Hooks& hooks) {
  Report report;
  if (!dry_run) {
    RESPRING_TRYV(remove_garbage(shard, blobs, report));
  }
  while (!hooks.stopping()) {
    RESPRING_TRY(const auto piece, shard.next());
    if (!piece) {
      report.finished = true;
      break;
    }
    auto fate = Fate::archived;
    if (!dry_run) {
      RESPRING_TRY(fate, take_away(shard, blobs, *piece));
    }
    if (fate == Fate::archived) {
      count(*piece, report);
    } else {
      ++report.left;
    }
    hooks.on_progress(report);
  }
  return report;
}

}  // namespace respring::archive
