#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "ops/move/stage.h"
#include "ops/move/stores.h"

namespace respring::move {

/// How far a move is, for people.
struct Progress {
  Stage stage = Stage::begin;
  std::int64_t rows = 0;
  std::int64_t total_rows = 0;
  std::int64_t journal = 0;  ///< entries carried over in the last round
  std::string waits_for;     ///< empty: it works
};

enum class Ending : std::uint8_t {
  moved,        ///< COMMITTED, and both shards know
  aborted,      ///< taken back, by wish or because writes would have waited too long
  interrupted,  ///< still RUN: another run goes on from here
};

struct Outcome {
  Ending ending = Ending::moved;
  Move move;  ///< with its rows, the pause of its writes, and why it was aborted
  std::string why;
};

/// Leads one move through its stages. Whatever it has done before, by whoever, is found and not
/// done again, so that a mover that died is followed by another one. One thread.
class Mover {
 public:
  using Steady = std::chrono::steady_clock;
  struct Options {
    int chunk_rows = 1000;
    int drain_entries = 500;
    int short_journal = 40;  ///< entries of a round after which freezing is worth a try
    int drain_rounds = 200;  ///< before it freezes all the same
    int freeze_tries = 50;
    std::chrono::milliseconds lease{15'000};
    /// Writers take the move back when they have waited for 2 s; this is before.
    std::chrono::milliseconds max_pause{1'200};
    std::chrono::milliseconds patience{60'000};  ///< with a database that is away
    /// How long to wait for the source's events to be published before it freezes all the same.
    std::chrono::milliseconds backlog_patience{10'000};
    std::int64_t short_backlog = 2;  ///< rows of the outbox that are published during the freeze
    std::chrono::milliseconds report_every{250};
    std::function<Time()> now;
    std::function<void(std::chrono::milliseconds)> pause;
    std::function<bool()> stopping = [] { return false; };
    std::function<void(const Progress&)> on_progress = [](const Progress&) {};
  };

  Mover(Stores& stores, Options options) : stores_(stores), options_(std::move(options)) {}

  /// A move that is RUN and this mover's by its generation. An error leaves it RUN as well: run it
  /// again, or abort it.
  Result<Outcome> run(Move move);
  /// RUN → ABORTED and taken back on both shards; `conflict` when it was committed.
  Result<void> abort(const Move& move, AbortCause cause, const std::string& why);
  /// Deletes what a committed move left at its source.
  Result<void> clean(const Move& move);

 private:
  struct Ended {
    Ending ending;
    AbortCause cause;
    std::string why;
  };
  template <class Work>
  auto patiently(Work work) -> decltype(work());
  Result<void> go(Stage stage);
  Result<void> prepare();
  Result<void> copy();
  Result<void> compare();
  Result<void> drain_until_short();
  Result<void> await_publishing();
  Result<void> await_replica();
  Result<void> freeze();
  Result<bool> drain_frozen(Steady::time_point until);
  Result<bool> published(Steady::time_point until);
  Result<bool> replicated(Steady::time_point until);
  bool take_back(AbortCause cause, std::string why);
  Result<bool> verify();
  Result<void> switch_over();
  Result<void> heed();
  Result<void> report(bool at_once);
  Result<void> throttle(std::int64_t bytes, Steady::time_point begun);
  Result<void> await_calm();
  Result<void> await_threads();
  Result<void> await_lag();
  void step(Stage stage, std::string_view when);
  Result<Outcome> ended(const Error& error);
  Result<Outcome> lost(const Error& error);

  Stores& stores_;
  Options options_;
  Move move_;
  Progress progress_;
  Steady::time_point reported_{};
  Steady::time_point frozen_at_{};
  std::optional<Ended> ended_;
};

}  // namespace respring::move
