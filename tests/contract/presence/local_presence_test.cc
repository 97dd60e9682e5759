#include "contract/manual_time.h"
#include "contract/presence/presence_contract.h"
#include "local/presence.h"

namespace respring::testing {
namespace {

PresenceUnderTest made() {
  const auto time = std::make_shared<ManualTime>();
  return {local::make_presence([time] { return time->now(); }),
          [time](auto ms) { time->pass(ms); }};
}

INSTANTIATE_TEST_SUITE_P(Adapters, PresenceContract,
                         ::testing::Values(PresenceMaker{"local", made}),
                         [](const auto& maker) { return maker.param.name; });

TEST(LocalPresence, AShorterLifeEndsSoonerALongerOneLater) {
  Waiting wait;
  auto under_test = made();
  auto& presence = *under_test.presence;
  const UserId anna{1};
  const auto online = [&] { return !wait(presence.online({anna})).value().empty(); };
  wait(presence.enter(anna, "phone", std::chrono::seconds(60))).value();
  wait(presence.enter(anna, "phone", std::chrono::seconds(1))).value();
  under_test.pass(std::chrono::seconds(2));
  EXPECT_FALSE(online());
  for (int i = 0; i < 100; ++i) {
    wait(presence.enter(anna, "phone", std::chrono::seconds(2))).value();
    under_test.pass(std::chrono::seconds(1));
    ASSERT_TRUE(online());
  }
}

}  // namespace
}  // namespace respring::testing
