// Each transition is one transaction of one database. The slot's rows are one number, the count of
// acknowledged writes it holds; the journal is one bit, "the target lacks something". When a room
// is isolated these are the room's, and the source's row is that of the slot it shares with others.
#include "protocol_model.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <unordered_map>

#include "ops/move/stage.h"

namespace respring::move::model {
namespace {

constexpr int kMovers = 2, kWriters = 2, kWrites = 3;
constexpr std::int8_t kDropped = -2, kNothing = -1;

enum class Decision : std::int8_t { none, run, committed };  // an aborted move counts as none
enum class Row : std::int8_t { none, importing, active, moving, frozen, gone };

// Where a mover is: the stage that comes next, and what it holds in its hands.
enum class At : std::int8_t {
  begin,
  import,
  journal,
  copy_read,
  copy_write,
  drain,
  drain_write,
  trim,
  compare,
  commit,
  end,
};

struct Mover {
  At at = At::begin;
  std::int8_t gen = 0;
  std::int8_t held = kNothing;
  std::int8_t move = 0;
  bool last = false;   // the journal in hand is the whole one: it was read when FROZEN
  bool froze = false;  // mutation: for this mover the slot is FROZEN from here on
  bool operator==(const Mover&) const = default;
};
struct Writer {
  bool to_target = false;
  std::int8_t epoch = 1;
  bool checked = false;  // mutation: looked at the fence earlier
  bool operator==(const Writer&) const = default;
};
struct SlotRow {
  Row state = Row::none;
  std::int8_t epoch = 0;
  std::int8_t gen = 0;
  bool operator==(const SlotRow&) const = default;
};
struct State {
  bool target_owns = false;
  std::int8_t epoch = 1;
  Decision decision = Decision::none;
  std::int8_t gen = 0;
  SlotRow source{Row::active, 1, 0};
  SlotRow target;
  std::int8_t source_data = 0;
  std::int8_t target_data = kNothing;
  std::int8_t move = 0;    // the last one that was begun; whoever takes over has the same one
  std::int8_t copied = 0;  // the copy's progress, kept in the target: complete for this move
  bool journal = false;
  std::array<Mover, kMovers> movers;
  std::array<Writer, kWriters> writers;
  std::int8_t acknowledged = 0;
  std::int8_t others_data = 0;  // of the slot's other rooms, at the source for ever
  std::int8_t others_acknowledged = 0;
  bool operator==(const State&) const = default;
};

struct Hash {
  std::size_t operator()(const State& s) const {
    std::uint64_t h = 1469598103934665603U;
    const auto add = [&h](auto value) {
      h = (h ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(value) + 8)) * 1099511628211U;
    };
    add(s.target_owns), add(s.epoch), add(s.decision), add(s.gen);
    for (const auto& row : {s.source, s.target}) add(row.state), add(row.epoch), add(row.gen);
    add(s.source_data), add(s.target_data), add(s.move), add(s.copied), add(s.journal),
        add(s.acknowledged), add(s.others_data), add(s.others_acknowledged);
    for (const auto& m : s.movers)
      add(m.at), add(m.gen), add(m.held), add(m.move), add(m.last), add(m.froze);
    for (const auto& w : s.writers) add(w.to_target), add(w.epoch), add(w.checked);
    return h;
  }
};

bool writable(const SlotRow& row) { return row.state == Row::active || row.state == Row::moving; }

// The source has let go of what moves: of the slot, or, with the next epoch, of the room.
bool has_left(const State& s, Moved moved) {
  return moved == Moved::slot ? s.source.state == Row::gone
                              : s.source.state == Row::active && s.source.epoch > 1;
}

std::string violation_of(const State& s, Mutation mutation, Moved moved) {
  const bool old_epoch = moved == Moved::slot || s.source.epoch == 1;
  const bool writes_at_source = writable(s.source) && old_epoch;
  const bool readable = writable(s.source) || s.source.state == Row::frozen;
  const bool reads_at_source =
      readable && (old_epoch || mutation == Mutation::readers_ignore_epoch);
  if (writes_at_source && writable(s.target)) return "two shards accept writes";
  if (reads_at_source && s.source_data != s.acknowledged) return "the source lost a write";
  if (writable(s.target) && s.target_data != s.acknowledged) return "the target lost a write";
  if (s.others_data != s.others_acknowledged) return "another room lost a write";
  return {};
}

using Emit = std::function<void(std::string, const State&)>;

class Steps {
 public:
  Steps(const State& state, Mutation mutation, Moved moved, const Emit& emit)
      : s_(state), mutation_(mutation), moved_(moved), emit_(emit) {}

  void all() {
    for (std::size_t i = 0; i < kWriters; ++i) writer(i);
    for (std::size_t i = 0; i < kMovers; ++i) mover(i);
    anybody();
  }

 private:
  bool mutated(Mutation which) const { return mutation_ == which; }
  template <class Change>
  void put(std::string who, std::string_view what, Change change) {
    State next = s_;
    change(next);
    emit_(who.append(" ").append(what), next);
  }
  template <class Change>
  void put(std::string who, Stage stage, Change change) {
    put(std::move(who), name_of(stage), change);
  }

  void writer(std::size_t i);
  void write(std::size_t i);
  void write_elsewhere(std::size_t i);
  bool may_write_more() const { return s_.acknowledged + s_.others_acknowledged < kWrites; }
  bool journals() const;
  void mover(std::size_t i);
  void prepare(std::size_t i);
  void copy(std::size_t i);
  void drain(std::size_t i);
  void freeze_and_commit(std::size_t i);
  void anybody();
  void take_back();

  const State& s_;
  Mutation mutation_;
  Moved moved_;
  const Emit& emit_;
};

bool Steps::journals() const {
  const bool moving = mutated(Mutation::fence_outside_transaction) ? s_.source.state != Row::active
                                                                   : s_.source.state == Row::moving;
  return moving && !mutated(Mutation::writers_do_not_journal);
}

void Steps::write(std::size_t i) {
  put("writer " + std::to_string(i), "writes", [&](State& n) {
    ++n.acknowledged;
    n.writers[i].checked = false;
    if (s_.writers[i].to_target) {
      n.target_data = n.acknowledged;
      return;
    }
    n.source_data = n.acknowledged;
    if (journals()) n.journal = true;
  });
}

// To another room of the slot whose one room is isolated.
void Steps::write_elsewhere(std::size_t i) {
  const bool may = writable(s_.source) && s_.source.epoch == s_.writers[i].epoch;
  if (!may || !may_write_more()) return;
  put("writer " + std::to_string(i), "writes to another room", [&](State& n) {
    ++n.others_acknowledged;
    ++n.others_data;
    if (journals()) n.journal = true;
  });
}

void Steps::writer(std::size_t i) {
  const auto& w = s_.writers[i];
  const auto& row = w.to_target ? s_.target : s_.source;
  const bool may = writable(row) && row.epoch == w.epoch;
  const std::string name = "writer " + std::to_string(i);
  if (mutated(Mutation::fence_outside_transaction)) {
    if (!w.checked && may) {
      put(name, "looks at the fence", [&](State& n) { n.writers[i].checked = true; });
    }
    if (w.checked && may_write_more()) write(i);
  } else if (may && may_write_more()) {
    write(i);
  }
  if (moved_ == Moved::room) write_elsewhere(i);
  const bool old_map = w.to_target != s_.target_owns || w.epoch != s_.epoch;
  if (old_map && !w.checked) {
    put(name, "reads the map", [&](State& n) { n.writers[i] = {s_.target_owns, s_.epoch, false}; });
  }
}

void Steps::mover(std::size_t i) {
  prepare(i);
  copy(i);
  drain(i);
  freeze_and_commit(i);
}

void Steps::prepare(std::size_t i) {
  const auto& m = s_.movers[i];
  const std::string name = "mover " + std::to_string(i);
  // Starts a move, or takes over the one that runs.
  if (m.at == At::begin && !s_.target_owns && s_.decision != Decision::committed &&
      s_.gen < kMovers) {
    put(name, Stage::begin, [&](State& n) {
      if (s_.decision == Decision::none) ++n.move;
      n.decision = Decision::run;
      n.movers[i] = {At::import, ++n.gen, kNothing, n.move};
    });
  }
  if (m.at == At::import && s_.target.gen < m.gen &&
      (s_.target.state == Row::none || s_.target.state == Row::importing)) {
    put(name, Stage::import, [&](State& n) {
      n.target = {Row::importing, 0, m.gen};
      if (mutated(Mutation::progress_outlives_its_move) && s_.copied != 0) n.copied = m.move;
      n.movers[i].at = At::journal;
    });
  }
  const bool movable = writable(s_.source) || s_.source.state == Row::frozen;
  if (m.at == At::journal && s_.source.gen < m.gen && movable) {
    put(name, Stage::journal, [&](State& n) {  // what is FROZEN stays so
      if (n.source.state == Row::active) n.source.state = Row::moving;
      n.source.gen = m.gen;
      n.movers[i].at = At::copy_read;
    });
  }
}

void Steps::copy(std::size_t i) {
  const auto& m = s_.movers[i];
  const std::string name = "mover " + std::to_string(i);
  if (m.at == At::copy_read && s_.copied == m.move) {  // by the mover before
    put(name, "finds the copy complete", [&](State& n) { n.movers[i].at = At::drain; });
  }
  if (m.at == At::copy_read && s_.copied != m.move) {
    put(name, "reads a chunk", [&](State& n) {
      n.movers[i].at = At::copy_write;
      n.movers[i].held = s_.source_data;
    });
  }
  if (m.at != At::copy_write) return;
  const bool mine = s_.target.state == Row::importing && s_.target.gen == m.gen;
  const bool anyhow = mutated(Mutation::target_ignores_generation) &&
                      (s_.target.state == Row::importing || s_.target.state == Row::active);
  if (mine || anyhow) {
    put(name, Stage::copy, [&](State& n) {
      n.target_data = m.held;
      n.copied = m.move;
      n.movers[i] = {At::drain, m.gen, kNothing, m.move};
    });
  }
  // The copy's other thread drains while this chunk is in hand.
  if (mutated(Mutation::drain_before_copy_ends) && mine && s_.journal) {
    put(name, Stage::drain, [&](State& n) {
      n.target_data = s_.source_data;
      n.journal = false;
    });
  }
}

void Steps::drain(std::size_t i) {
  const auto& m = s_.movers[i];
  const std::string name = "mover " + std::to_string(i);
  if (m.at == At::drain && s_.journal) {
    put(name, "reads the journal", [&](State& n) {
      n.movers[i].at = At::drain_write;
      n.movers[i].held = s_.source_data;
      n.movers[i].last = s_.source.gen == m.gen && (s_.source.state == Row::frozen ||
                                                    mutated(Mutation::last_drain_before_freeze));
    });
  }
  if (m.at == At::drain_write && s_.target.state == Row::importing && s_.target.gen == m.gen) {
    put(name, Stage::drain, [&](State& n) {
      n.target_data = m.held;
      n.movers[i].at = m.last ? At::compare : At::trim;
    });
  }
  if (m.at == At::trim && s_.source.gen == m.gen) {
    put(name, "trims the journal", [&](State& n) {
      n.journal = !mutated(Mutation::trim_takes_everything) && s_.target_data != s_.source_data;
      n.movers[i] = {At::drain, m.gen, kNothing, m.move, false, m.froze};
    });
  }
}

void Steps::freeze_and_commit(std::size_t i) {
  const auto& m = s_.movers[i];
  const std::string name = "mover " + std::to_string(i);
  const bool mine = s_.source.gen == m.gen;
  const bool drained = m.at == At::drain || (m.at == At::compare && s_.source.state != Row::frozen);
  if (drained && s_.source.state == Row::moving && mine) {
    put(name, Stage::freeze, [&](State& n) {
      n.source = {Row::frozen, s_.source.epoch, m.gen};
      if (mutated(Mutation::no_drain_after_freeze)) n.movers[i].at = At::commit;
      n.movers[i].froze = mutated(Mutation::empty_journal_is_believed);
    });
  }
  const bool followed = s_.source.state == Row::frozen && mine;
  const bool empty = m.at == At::drain && !s_.journal && (followed || m.froze);
  if (empty || (m.at == At::compare && followed)) {
    put(name, Stage::verify, [&](State& n) { n.movers[i].at = At::commit; });
  }
  const bool current = s_.gen == m.gen || mutated(Mutation::commit_ignores_generation);
  if (m.at == At::commit && s_.decision == Decision::run && current) {
    put(name, Stage::commit, [&](State& n) {
      n.target_owns = true;
      ++n.epoch;
      n.decision = Decision::committed;
      n.movers[i].at = At::end;
    });
  }
}

// What meta decided may be carried out by everybody.
void Steps::anybody() {
  if (s_.decision == Decision::committed) {
    if (s_.source.state == Row::frozen) {
      put("anybody", Stage::leave, [&](State& n) {
        n.source.state = moved_ == Moved::slot ? Row::gone : Row::active;
        if (!mutated(Mutation::leave_keeps_epoch)) ++n.source.epoch;
      });
    }
    const bool left = has_left(s_, moved_) ||
                      (mutated(Mutation::leave_keeps_epoch) && s_.source.state == Row::active);
    if (s_.target.state == Row::importing && (left || mutated(Mutation::target_opens_first))) {
      put("anybody", Stage::open, [&](State& n) {
        n.target.state = Row::active;
        n.target.epoch = s_.epoch;
      });
    }
    if (left && s_.target.state == Row::active) {
      put("anybody", Stage::clean, [&](State& n) {
        n.source_data = kDropped;
        n.journal = false;
        if (mutated(Mutation::clean_takes_the_slot)) n.others_data = kDropped;
      });
    }
  }
  if (s_.decision == Decision::run) {
    put("anybody", Stage::abort, [](State& n) { n.decision = Decision::none; });
  }
  take_back();
}

void Steps::take_back() {
  const auto thaw = [](State& n) {
    n.source.state = Row::active;
    n.journal = false;
  };
  if (mutated(Mutation::thaw_without_meta) && s_.source.state == Row::frozen) {
    put("a writer", "thaws", thaw);
  }
  if (s_.decision != Decision::none || s_.gen == 0) return;
  const bool held = s_.source.state == Row::moving || s_.source.state == Row::frozen;
  if (held || s_.source.gen < s_.gen) {
    put("anybody", Stage::restore, [&](State& n) {
      thaw(n);
      n.source.gen = std::max(s_.source.gen, s_.gen);
    });
  }
  if (s_.target.state == Row::importing || s_.target.gen < s_.gen) {
    put("anybody", Stage::wipe, [&](State& n) {
      n.target = {Row::none, 0, std::max(s_.target.gen, s_.gen)};
      n.target_data = kNothing;
      n.copied = 0;
    });
  }
}

class Walk {
 public:
  Walk(Mutation mutation, Moved moved) : mutation_(mutation), moved_(moved) {}

  Outcome run() {
    visit("", 0, State{});
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const State state = states_[i];
      outcome_.violation = violation_of(state, mutation_, moved_);
      if (!outcome_.violation.empty()) {
        trace(i);
        break;
      }
      const Emit emit = [this, i](std::string what, const State& next) {
        ++outcome_.transitions;
        visit(std::move(what), i, next);
      };
      Steps(state, mutation_, moved_, emit).all();
    }
    outcome_.states = static_cast<std::int64_t>(states_.size());
    if (outcome_.violation.empty()) count();
    return outcome_;
  }

 private:
  void visit(std::string what, std::size_t from, const State& state) {
    const auto [entry, fresh] = index_.emplace(state, states_.size());
    if (fresh) {
      states_.push_back(state);
      reached_.push_back({from, std::move(what)});
      before_.emplace_back();
    }
    before_[entry->second].push_back(from);
  }
  void trace(std::size_t at) {
    for (; at != 0; at = reached_[at].first) outcome_.trace.push_back(reached_[at].second);
    std::ranges::reverse(outcome_.trace);
  }
  // From every state one must be reachable in which the owner accepts writes.
  void count() {
    std::vector<bool> lives(states_.size(), false);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const auto& s = states_[i];
      outcome_.completed += s.target.state == Row::active ? 1 : 0;
      if (!(s.target_owns ? s.target.state == Row::active : writable(s.source))) continue;
      if (moved_ == Moved::room && !(writable(s.source) && s.source.epoch == s.epoch)) continue;
      lives[i] = true;
      open.push_back(i);
    }
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      for (const std::size_t from : before_[i]) {
        if (lives[from]) continue;
        lives[from] = true;
        open.push_back(from);
      }
    }
    outcome_.stuck = std::ranges::count(lives, false);
  }

  Mutation mutation_;
  Moved moved_;
  Outcome outcome_;
  std::vector<State> states_;
  std::vector<std::pair<std::size_t, std::string>> reached_;
  std::vector<std::vector<std::size_t>> before_;
  std::unordered_map<State, std::size_t, Hash> index_;
};

}  // namespace

Outcome explore(Mutation mutation, Moved moved) { return Walk(mutation, moved).run(); }

}  // namespace respring::move::model
