#include "ops/move/mover.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

// The executor alone, over shards that answer as a case wants it.
namespace respring::move {
namespace {

using namespace std::chrono_literals;
using shardmap::MoveState;

class Shards final : public Stores {
 public:
  Result<void> check(const Move&) override { return success(); }
  Result<std::int64_t> size(const Move&) override { return 3; }
  Result<std::int64_t> threads_running(const Move&) override {
    return threads.empty() ? 0 : take(threads);
  }
  Result<std::int64_t> replica_lag_ms(const Move&) override {
    return lags.empty() ? 0 : take(lags);
  }
  Result<std::string> position(const Move&) override { return std::string("p"); }
  Result<bool> replicated(const Move&, const std::string&) override {
    return behind.empty() || take(behind) == 0;
  }
  Result<void> import(const Move&) override { return did("import"); }
  Result<void> journal(const Move&) override { return did("journal"); }
  Result<Copied> copy(const Move&, int) override {
    RESPRING_TRYV(did("copy"));
    return Copied{true, 3, copied_bytes};
  }
  Result<Drained> drain(const Move&, int) override {
    return Drained{0, std::ranges::find(done, "freeze") != done.end()};
  }
  Result<void> prepare_switch(const Move&) override { return did("prepare"); }
  Result<Time> freeze(const Move&, bool) override {
    RESPRING_TRYV(did("freeze"));
    return Time{};
  }
  Result<bool> compare(const Move&, int) override { return true; }
  Result<std::int64_t> differing(const Move&) override { return different; }
  Result<std::int64_t> backlog(const Move&) override { return 0; }
  Result<bool> unpublished(const Move&) override { return !relay_runs; }
  Result<Move> report(const Move& move) override {
    Move wanted = move;
    wanted.pace = pace;
    return wanted;
  }
  Result<Move> find(const Move& move) override { return move; }
  Result<void> commit(const Move&) override { return did("commit"); }
  Result<void> open(const Move&) override { return did("open"); }
  Result<bool> abort(const Move&, AbortCause why, const std::string&) override {
    cause = why;
    return true;
  }
  Result<void> settle(const Move&) override { return did("settle"); }
  Result<bool> clean(const Move&, int) override { return true; }

  std::vector<std::string> done;
  std::vector<std::int64_t> threads;
  std::vector<std::int64_t> lags;
  std::vector<std::int64_t> behind;  ///< 1: the replica lacks something
  shardmap::Pace pace;
  std::int64_t copied_bytes = 0;
  std::int64_t different = 0;
  bool relay_runs = true;
  AbortCause cause = AbortCause::none;

 private:
  static std::int64_t take(std::vector<std::int64_t>& from) {
    const auto first = from.front();
    from.erase(from.begin());
    return first;
  }
  Result<void> did(const char* what) {
    done.emplace_back(what);
    return success();
  }
};

struct MoverTest : ::testing::Test {
  Shards shards;
  std::vector<std::string> waited;
  std::chrono::milliseconds slept{0};

  Outcome run() {
    Mover::Options options;
    options.now = [] { return Time{}; };
    options.pause = [this](std::chrono::milliseconds time) { slept += time; };
    options.max_pause = 5ms;
    options.report_every = 0ms;
    options.on_progress = [this](const Progress& now) {
      if (!now.waits_for.empty()) waited.push_back(now.waits_for);
    };
    Move move;
    move.id = "m1";
    move.target = "shard-1";
    return Mover(shards, std::move(options)).run(move).value();
  }
};

TEST_F(MoverTest, WritesGoOnBeforeTheMoveIsNotedAsSettled) {
  EXPECT_EQ(run().ending, Ending::moved);
  const std::vector<std::string> wanted = {"import", "journal", "copy", "prepare",
                                           "freeze", "commit",  "open", "settle"};
  EXPECT_EQ(shards.done, wanted);
}

TEST_F(MoverTest, SaysForProgramsWhyItTookTheMoveBack) {
  shards.relay_runs = false;
  EXPECT_EQ(run().move.cause, AbortCause::pause) << "worth another try";
  EXPECT_EQ(shards.cause, AbortCause::pause);
  shards = {};
  shards.different = 2;
  EXPECT_EQ(run().move.cause, AbortCause::difference) << "not worth one";
}

TEST_F(MoverTest, TheCopyWaitsWhileTheServersAreBusyAndSaysSo) {
  shards.pace.most_threads = 4;
  shards.threads = {9, 7, 4};
  EXPECT_EQ(run().ending, Ending::moved);
  const std::vector<std::string> wanted = {"9 threads run, more than 4",
                                           "7 threads run, more than 4"};
  EXPECT_EQ(waited, wanted);
}

TEST_F(MoverTest, TheCopyWaitsForTheReplicaAndSaysSo) {
  shards.pace.most_lag_ms = 500;
  shards.lags = {900, 501, 500};
  EXPECT_EQ(run().ending, Ending::moved);
  const std::string said = "the replica of shard-1 is more than 500 ms behind";
  EXPECT_EQ(waited, (std::vector<std::string>{said, said}));
}

TEST_F(MoverTest, WritesAreStoppedOnlyWhenTheReplicaHasAllAndGoOnWhenItHasTheRest) {
  shards.behind = {1, 1, 0, 1, 0};
  EXPECT_EQ(run().ending, Ending::moved);
  EXPECT_EQ(waited, (std::vector<std::string>(2, "the replica of shard-1 is behind")));
  shards = {};
  shards.behind = {0};
  shards.behind.resize(1'000'000, 1);
  const auto outcome = run();
  EXPECT_EQ(outcome.ending, Ending::aborted) << "writes would wait too long";
  EXPECT_EQ(outcome.move.cause, AbortCause::pause);
  EXPECT_EQ(std::ranges::count(shards.done, "commit"), 0);
}

TEST_F(MoverTest, AThrottledChunkIsWaitedForInFullAlsoWhenThatIsLong) {
  shards.copied_bytes = 5000;
  shards.pace.bytes_per_second = 50'000;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run().ending, Ending::moved);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 100ms);
  ASSERT_FALSE(waited.empty());
  EXPECT_EQ(waited.front(), "throttled to 50000 bytes/s");
}

}  // namespace
}  // namespace respring::move
