#include "ops/reindex/rebuild.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace respring::reindex {
namespace {

constexpr int kRounds = 10;  ///< of comparing what differs again
constexpr std::chrono::milliseconds kBetweenRounds{300};
constexpr int kDocumentsAtOnce = 500;
/// Fewer events than these are added after the switch; more are worth another turn before it.
constexpr std::int64_t kFewEvents = 1000;
constexpr int kTurns = 20;

Error conflict(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

/// What is compared again shall have had time to come.
void pause(std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable nothing;
  std::unique_lock lock(mutex);
  (void)nothing.wait_for(lock, time);
}

/// One generation on its way to serving.
class Work {
 public:
  Work(Engine& engine, Source& source, Events* events, const Clock& clock,
       const RebuildOptions& options)
      : engine_(engine), source_(source), events_(events), clock_(clock), options_(options) {
    hooks_.stopping = options.hooks.stopping;
    hooks_.on_progress = [this](const Build& build) { progressed(build); };
  }

  Result<Rebuilt> build_new() {
    RESPRING_TRYV(choose());
    RESPRING_TRY(target_, engine_.open(rebuilt_.generation.number));
    if (build().phase == Phase::scanning) {
      options_.on_step("scan");
      RESPRING_TRY(const bool all, saved(scan(source_, *target_, build(), hooks_, options_.scan)));
      if (!all) return stopped();
      RESPRING_TRYV(enter(Phase::following));
    }
    if (build().phase == Phase::following) {
      RESPRING_TRY(const bool all, catch_up());
      if (!all) return stopped();
      options_.on_step("verify");
      RESPRING_TRYV(compare());
      if (hooks_.stopping()) return stopped();
      if (rebuilt_.verdict.found > 0) return differs();
    }
    return switch_over();
  }

  Result<Rebuilt> bring_back(Generation kept) {
    rebuilt_.generation = std::move(kept);
    if (events_ == nullptr)
      return conflict("there are no events to bring the old index up to date");
    RESPRING_TRY(target_, engine_.open(rebuilt_.generation.number));
    return switch_over();
  }

 private:
  Build& build() { return *rebuilt_.generation.build; }

  Rebuilt stopped() {
    rebuilt_.end = Rebuilt::End::stopped;
    return std::move(rebuilt_);
  }
  Rebuilt differs() {
    rebuilt_.end = Rebuilt::End::differs;
    return std::move(rebuilt_);
  }

  /// Notes it now and then, so that a killed process can be gone on with.
  void progressed(const Build& build) {
    options_.hooks.on_progress(build);
    const auto now = std::chrono::steady_clock::now();
    if (now - noted_at_ < std::chrono::seconds(1)) return;
    noted_at_ = now;
    // Without it a resumed job only does more again; the next note tells of a failure.
    (void)engine_.note(rebuilt_.generation.number, build);
  }
  /// Notes how far something came, whatever became of it.
  template <class T>
  Result<T> saved(Result<T> outcome) {
    const auto noted = engine_.note(rebuilt_.generation.number, build());
    if (outcome && !noted) return noted.error();
    return outcome;
  }
  Result<void> enter(Phase phase) {
    build().phase = phase;
    return engine_.note(rebuilt_.generation.number, build());
  }

  Result<void> choose() {
    RESPRING_TRY(const auto generations, engine_.list());
    auto unfinished = unfinished_generation(generations);
    if (unfinished && options_.fresh && !unfinished->serving) {
      RESPRING_TRYV(engine_.remove(unfinished->number));
      unfinished.reset();
    }
    rebuilt_.resumed = unfinished.has_value();
    if (unfinished) {
      rebuilt_.generation = std::move(*unfinished);
      return success();
    }
    Build fresh;
    fresh.job = random_token(6);
    fresh.begun = clock_.now();
    if (events_ != nullptr) {
      RESPRING_TRY(fresh.events, events_->end());
    }
    RESPRING_TRY(rebuilt_.generation, engine_.create(fresh));
    rebuilt_.generation.build = fresh;
    return success();
  }

  /// Until hardly any events are missing; false when it is to stop.
  Result<bool> catch_up() {
    if (events_ == nullptr) return true;
    options_.on_step("follow");
    for (int turn = 0; turn < kTurns; ++turn) {
      RESPRING_TRY(const Positions until, events_->end());
      std::int64_t missing = 0;
      for (std::size_t i = 0; i < until.size() && i < build().events.size(); ++i)
        missing += std::max<std::int64_t>(until[i] - build().events[i], 0);
      RESPRING_TRY(const bool all,
                   saved(follow(*events_, source_, *target_, build(), until, hooks_)));
      if (!all) return false;
      if (missing < kFewEvents) break;
    }
    return true;
  }

  /// What differs is most often only on its way: it is compared again once more events are added,
  /// up to where the room was. Only a room that differs even then is written again as a whole.
  Result<void> compare() {
    VerifyOptions options;
    options.sample = options_.sample;
    RESPRING_TRYV(target_->refresh());
    RESPRING_TRY(rebuilt_.verdict, verify(source_, *target_, options));
    for (int round = 0; round < kRounds && rebuilt_.verdict.found > 0; ++round) {
      if (rebuilt_.verdict.differing.size() == kMostDifferingRooms) return success();
      pause(kBetweenRounds * round);
      RESPRING_TRY(const bool all, catch_up());
      if (!all) return success();
      const auto rooms = rebuilt_.verdict.differing;
      for (std::size_t i = 0; round > 0 && i < rooms.size(); ++i) {
        RESPRING_TRYV(write_room(rooms[i]));
      }
      RESPRING_TRYV(target_->refresh());
      const std::int64_t all_rooms = rebuilt_.verdict.rooms;
      RESPRING_TRY(rebuilt_.verdict, verify_rooms(source_, *target_, rooms, options));
      rebuilt_.verdict.rooms = all_rooms;
    }
    return success();
  }

  Result<void> write_room(const Room& room) {
    Seq after = 0;
    while (after < room.last_seq) {
      RESPRING_TRY(const auto documents, source_.documents(room, after, kDocumentsAtOnce));
      if (documents.empty()) break;
      RESPRING_TRYV(target_->write(documents));
      after = documents.back().seq;
    }
    return success();
  }

  /// What the replaced generation has for certain is noted before anything is switched.
  Result<void> note_replaced(const Generation& old) {
    Build kept = old.build.value_or(Build{});
    if (kept.job.empty()) kept.job = "server";
    kept.phase = Phase::complete;
    kept.kept_until = clock_.now() + options_.keep;
    if (events_ != nullptr) {
      RESPRING_TRY(kept.events, events_->indexed());
    }
    return engine_.note(old.number, kept);
  }

  Result<void> let_serve() {
    RESPRING_TRYV(enter(Phase::switching));
    RESPRING_TRYV(target_->refresh());
    RESPRING_TRY(const auto generations, engine_.list());
    for (const Generation& one : generations) {
      if (!one.serving || one.number == rebuilt_.generation.number) continue;
      RESPRING_TRYV(note_replaced(one));
    }
    RESPRING_TRYV(engine_.serve(rebuilt_.generation.number));
    rebuilt_.generation.serving = true;
    return success();
  }

  Result<Rebuilt> switch_over() {
    if (!rebuilt_.generation.serving) {
      RESPRING_TRY(const bool all, catch_up());
      if (!all) return stopped();
      options_.on_step("switch");
      RESPRING_TRYV(let_serve());
    }
    if (events_ != nullptr) {
      // What a server read before it saw the switch is before this end.
      RESPRING_TRY(const Positions until, events_->end());
      RESPRING_TRY(const bool all,
                   saved(follow(*events_, source_, *target_, build(), until, hooks_)));
      if (!all) return stopped();
    }
    RESPRING_TRYV(target_->refresh());
    build().kept_until.reset();
    RESPRING_TRYV(enter(Phase::complete));
    return std::move(rebuilt_);
  }

  Engine& engine_;
  Source& source_;
  Events* events_;
  const Clock& clock_;
  const RebuildOptions& options_;
  BuildHooks hooks_;
  std::chrono::steady_clock::time_point noted_at_ = std::chrono::steady_clock::now();
  std::unique_ptr<Target> target_;
  Rebuilt rebuilt_;
};

}  // namespace

std::optional<Generation> unfinished_generation(const std::vector<Generation>& generations) {
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    if (!it->readable || !it->build || it->build->phase == Phase::complete) continue;
    // One that is kept was on its way back: that is for roll_back() to go on with.
    if (it->serving || !it->build->kept_until) return *it;
  }
  return std::nullopt;
}

std::optional<Generation> kept_generation(const std::vector<Generation>& generations) {
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    if (it->readable && !it->serving && it->build && it->build->kept_until) return *it;
  }
  return std::nullopt;
}

Result<Rebuilt> rebuild(Engine& engine, Source& source, Events* events, const Clock& clock,
                        const RebuildOptions& options) {
  return Work(engine, source, events, clock, options).build_new();
}

Result<Rebuilt> roll_back(Engine& engine, Source& source, Events* events, const Clock& clock,
                          const RebuildOptions& options) {
  RESPRING_TRY(const auto generations, engine.list());
  auto kept = kept_generation(generations);
  if (!kept) return conflict("no older generation of the search index is kept");
  return Work(engine, source, events, clock, options).bring_back(std::move(*kept));
}

Result<std::vector<std::string>> prune(Engine& engine, Time now) {
  RESPRING_TRY(const auto generations, engine.list());
  std::vector<std::string> removed;
  for (const Generation& one : generations) {
    if (one.serving || !one.build || !one.build->kept_until) continue;
    if (*one.build->kept_until > now) continue;
    RESPRING_TRYV(engine.remove(one.number));
    removed.push_back(one.name);
  }
  return removed;
}

}  // namespace respring::reindex
