#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "room_contract.h"
#include "store/move_records.h"
#include "store/shard_moves.h"

namespace respring::store {

/// A room on one of two shards, and its slot on the way to the other one, step by step.
class SlotMoveWorld : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    room = world.group({kYoungho, kSunja});
    slot = shardmap::hashed_slot_of(room);
    source_name = world.log->map()->owner_of(slot).shard == 0 ? "shard-0" : "shard-1";
    target_name = source_name == "shard-0" ? "shard-1" : "shard-0";
    source = world.shard(source_name);
    target = world.shard(target_name);
    meta = backend->database("meta")().value();
  }

  using Move = shardmap::Move;
  using SlotState = shardmap::SlotState;

  Step<Move> begin(const std::string& id = "m1") {
    NewMove wanted{id, slot, target_name, world.clock.now(), std::chrono::seconds(10), {}};
    return begin_move(*meta, wanted);
  }
  Move begun(const std::string& id = "m1") {
    auto move = begin(id);
    EXPECT_TRUE(move) << move.assume_error().error().detail;
    return move.assume_value();
  }
  CopyStep copy_some(const Move& move, int rows) {
    const auto before = copy_progress(*target, move).value();
    if (before.at.finished()) return {true, before};
    const auto chunk = read_chunk(*source, move, before.at, rows).value();
    return write_chunk(*target, move, before, chunk).value();
  }
  void copy_all(const Move& move, int rows = 3) {
    for (CopyStep step; !step.progress.at.finished();) {
      step = copy_some(move, rows);
      ASSERT_TRUE(step.mine);
    }
  }
  void drain_all(const Move& move, int entries = 5) {
    while (true) {
      const auto step = drain_journal(*source, *target, move, entries).value();
      ASSERT_TRUE(step.mine);
      if (step.entries == 0 || step.complete) return;
    }
  }
  std::vector<Touched> differences() {
    Move move;
    move.slot = slot;
    return differences(move);
  }
  std::vector<Touched> differences(const Move& move) {
    Comparison comparison;
    while (!comparison.at.finished())
      EXPECT_TRUE(compare_chunk(*source, *target, move, comparison, 4));
    return comparison.different;
  }
  /// Up to MOVING, with everything copied.
  Move copied(const std::string& id = "m1") { return copied(begun(id)); }
  Move copied(const Move& move) {
    EXPECT_TRUE(import_slot(*target, move).value());
    EXPECT_TRUE(journal_slot(*source, move).value());
    copy_all(move);
    return move;
  }
  /// The slot freezes, all of these are submitted, and it is switched over while they wait.
  std::vector<Result<chat::Written>> write_over_the_switch(const Move& move,
                                                           std::vector<chat::Write> writes) {
    drain_all(move);
    EXPECT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
    std::thread mover([&] {
      drain_all(move);
      ASSERT_TRUE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
      settle(move.id);
    });
    auto answers = world.write_together(std::move(writes));
    mover.join();
    return answers;
  }
  void finish(const Move& move) {
    drain_all(move);
    ASSERT_TRUE(freeze_slot(*source, move, world.clock.now(), true).value());
    drain_all(move);
    ASSERT_TRUE(differences(move).empty());
    ASSERT_TRUE(commit_move(*meta, move, world.clock.now(), world.clock.now()).value());
    settle(move.id);
  }
  void settle(const std::string& id) {
    const auto decided = load_move(*meta, id).value();
    const auto settled =
        settle_move(world.fleet(), *meta, *decided, world.clock.now(), Settling::fully);
    ASSERT_TRUE(settled) << settled.assume_error().detail;
  }
  SlotState state(sql::Connection& db) { return load_owner(db, slot).value()->state; }
  /// Every kind of write there is.
  void live() {
    for (int i = 0; i < 7; ++i) world.say(room, kMinji, "글 " + std::to_string(i));
    const Seq seq = world.view(room, kMinji).head.seq;
    auto write = [this](UserId who, chat::Command command) {
      const auto written = world.write(room, who, std::move(command));
      ASSERT_TRUE(written) << written.assume_error().detail;
    };
    write(kMinji, chat::Edit{seq, "고친 글"});
    write(kMinji, chat::Edit{seq, "다시 고친 글"});
    write(kYoungho, chat::React{seq, "👍", true});
    write(kSunja, chat::React{seq, "👍", true});
    write(kSunja, chat::React{seq, "👍", false});
    write(kYoungho, chat::React{seq - 1, "🎉", true});
    write(kMinji, chat::Delete{seq - 1});
    write(kYoungho, chat::Read{seq});
    write(kMinji, chat::Retitle{"새 이름"});
    write(kMinji, chat::RemoveMember{kSunja});
    write(kMinji, chat::SetMember{kSunja, chat::Role::member});
    write(kMinji, chat::Edit{seq, "마지막으로 고친 글"});
    write(kMinji, chat::Delete{seq});
  }

  std::unique_ptr<StoreBackend> backend = GetParam().make();
  RoomWorld world{*backend, RoomWorld::Moving{}};
  RoomId room;
  shardmap::Slot slot;
  std::string source_name, target_name;
  std::unique_ptr<sql::Connection> source, target, meta;
};

}  // namespace respring::store
