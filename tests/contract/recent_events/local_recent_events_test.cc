#include "local/recent_events.h"

#include "contract/manual_time.h"
#include "contract/recent_events/recent_events_contract.h"

namespace respring::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Adapters, RecentEventsContract,
                         ::testing::Values(RecentEventsMaker{
                             "local", [] { return local::make_recent_events(); }}),
                         [](const auto& maker) { return maker.param.name; });

TEST(LocalRecentEvents, ForgetsWhatIsOld) {
  Waiting wait;
  const auto time = std::make_shared<ManualTime>();
  const auto recent = local::make_recent_events({.now = [time] { return time->now(); }});
  recent->add(event_of(RoomId{1}, 1, 1, "{}"));
  time->pass(std::chrono::seconds(59));
  recent->add(event_of(RoomId{1}, 1, 2, "{}"));
  time->pass(std::chrono::seconds(59));
  EXPECT_TRUE(wait(recent->find(RoomId{1}, 1, 0, 2)).value());
  time->pass(std::chrono::seconds(1));
  EXPECT_FALSE(wait(recent->find(RoomId{1}, 1, 0, 2)).value());
}

TEST(LocalRecentEvents, TheRoomThatWasQuietLongestGoesFirst) {
  Waiting wait;
  const auto recent = local::make_recent_events({.max_bytes = 3 * 1100});
  const std::string kilobyte(1024, 'x');
  const auto has = [&](std::int64_t room) {
    return wait(recent->find(RoomId{room}, 1, 0, 1)).value().has_value();
  };
  for (const std::int64_t room : {1, 2, 3}) recent->add(event_of(RoomId{room}, 1, 1, kilobyte));
  EXPECT_TRUE(has(1) && has(2) && has(3));
  recent->add(event_of(RoomId{1}, 1, 2, kilobyte));
  EXPECT_TRUE(has(1));
  EXPECT_FALSE(has(2));
  EXPECT_TRUE(has(3));
}

}  // namespace
}  // namespace respring::testing
