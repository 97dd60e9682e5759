#include "store/restored.h"

#include "slot_move_world.h"
#include "store/slot_tables.h"

namespace respring::store {
namespace {

// Its shard comes back as it was some time ago.
class Restored : public SlotMoveWorld {
 protected:
  std::int64_t restart(bool dry_run = false) {
    return restart_histories(*source, open_slots(*source).value(), world.clock.now(), dry_run)
        .value();
  }
  RoomEpoch epoch() { return world.view(room, kMinji).head.epoch; }
};

TEST_P(Restored, EveryRoomThatIsWrittenHereGetsAnEpochThatNoBackupKnows) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(world.clock.now());
  ASSERT_EQ(epoch(), 1);
  EXPECT_EQ(restart(), 1);
  EXPECT_EQ(epoch(), seconds.time_since_epoch().count()) << "later than at any restore before";
  EXPECT_EQ(restart(), 1);
  EXPECT_EQ(epoch(), seconds.time_since_epoch().count() + 1) << "also in the same second";
}

TEST_P(Restored, ADryRunChangesNothing) {
  EXPECT_EQ(restart(true), 1);
  EXPECT_EQ(epoch(), 1);
}

TEST_P(Restored, OldRowsOfASlotThatHasLeftAreLeftAlone) {
  finish(copied());
  EXPECT_EQ(restart(), 0);
  const SlotPart part{slot.value, {}};
  EXPECT_EQ(count_of(*source, part, SlotTable::room).value(), 1) << "they are still there";
  EXPECT_EQ(epoch(), 1);
}

INSTANTIATE_TEST_SUITE_P(Adapters, Restored, ::testing::ValuesIn(all_backends()), name_of_case);

}  // namespace
}  // namespace respring::store
