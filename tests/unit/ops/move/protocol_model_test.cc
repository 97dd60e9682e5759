#include "protocol_model.h"

#include <gtest/gtest.h>

#include "ops/move/stage.h"

namespace respring::move::model {
namespace {

std::string told(const Outcome& outcome) {
  std::string text = outcome.violation;
  for (const auto& step : outcome.trace) text += "\n  " + step;
  return text;
}

TEST(MoveProtocol, KeepsEveryWriteInEveryInterleaving) {
  const Outcome outcome = explore(Mutation::none);
  EXPECT_EQ(outcome.violation, "") << told(outcome);
  EXPECT_EQ(outcome.stuck, 0);
  EXPECT_GT(outcome.completed, 1000);
  EXPECT_GT(outcome.states, 10'000);
  RecordProperty("states", std::to_string(outcome.states));
  RecordProperty("transitions", std::to_string(outcome.transitions));
}

TEST(MoveProtocol, IsolatesARoomWhoseNeighboursGoOnInEveryInterleaving) {
  const Outcome outcome = explore(Mutation::none, Moved::room);
  EXPECT_EQ(outcome.violation, "") << told(outcome);
  EXPECT_EQ(outcome.stuck, 0);
  EXPECT_GT(outcome.completed, 1000);
  EXPECT_GT(outcome.states, 10'000);
  RecordProperty("states", std::to_string(outcome.states));
}

struct Broken {
  Mutation mutation;
  std::string name;
  std::string violation;
  Moved moved = Moved::slot;
};

class MoveProtocolBroken : public ::testing::TestWithParam<Broken> {};

TEST_P(MoveProtocolBroken, IsFound) {
  const Outcome outcome = explore(GetParam().mutation, GetParam().moved);
  EXPECT_EQ(outcome.violation, GetParam().violation) << told(outcome);
  EXPECT_FALSE(outcome.trace.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Mutations, MoveProtocolBroken,
    ::testing::Values(
        Broken{Mutation::target_ignores_generation, "TargetIgnoresGeneration",
               "the target lost a write"},
        Broken{Mutation::target_opens_first, "TargetOpensFirst", "the source lost a write"},
        Broken{Mutation::no_drain_after_freeze, "NoDrainAfterFreeze", "the target lost a write"},
        Broken{Mutation::fence_outside_transaction, "FenceOutsideTransaction",
               "the target lost a write"},
        Broken{Mutation::writers_do_not_journal, "WritersDoNotJournal", "the target lost a write"},
        Broken{Mutation::trim_takes_everything, "TrimTakesEverything", "the target lost a write"},
        Broken{Mutation::commit_ignores_generation, "CommitIgnoresGeneration",
               "the target lost a write"},
        Broken{Mutation::thaw_without_meta, "ThawWithoutMeta", "the target lost a write"},
        Broken{Mutation::last_drain_before_freeze, "LastDrainBeforeFreeze",
               "the target lost a write"},
        Broken{Mutation::progress_outlives_its_move, "ProgressOutlivesItsMove",
               "the target lost a write"},
        Broken{Mutation::drain_before_copy_ends, "DrainBeforeCopyEnds", "the target lost a write"},
        Broken{Mutation::leave_keeps_epoch, "IsolationLeaveKeepsEpoch", "two shards accept writes",
               Moved::room},
        Broken{Mutation::readers_ignore_epoch, "IsolationReadersIgnoreEpoch",
               "the source lost a write", Moved::room},
        Broken{Mutation::clean_takes_the_slot, "IsolationCleanTakesTheSlot",
               "another room lost a write", Moved::room},
        Broken{Mutation::target_opens_first, "IsolationTargetOpensFirst", "the source lost a write",
               Moved::room},
        Broken{Mutation::commit_ignores_generation, "IsolationCommitIgnoresGeneration",
               "the target lost a write", Moved::room},
        Broken{Mutation::thaw_without_meta, "IsolationThawWithoutMeta", "the target lost a write",
               Moved::room}),
    [](const auto& tested) { return tested.param.name; });

// A mover that was not told that its slot was given back says wrong things about its copy; but it
// cannot commit it, because whoever gives a slot back has aborted the move in meta before.
TEST(MoveProtocol, MetaStopsAMoverThatBelievesAnEmptyJournal) {
  const Outcome outcome = explore(Mutation::empty_journal_is_believed);
  EXPECT_EQ(outcome.violation, "") << told(outcome);
  EXPECT_EQ(outcome.stuck, 0);
  EXPECT_GT(outcome.states, explore(Mutation::none).states) << "it gets where it should not be";
}

TEST(MoveProtocol, StagesHaveTheNamesOfTheFailpoints) {
  EXPECT_EQ(name_of(Stage::begin), "begin");
  EXPECT_EQ(name_of(Stage::clean), "clean");
  EXPECT_EQ(name_of(Stage::wipe), "wipe");
}

}  // namespace
}  // namespace respring::move::model
