#include "contract/pub_sub/pub_sub_contract.h"
#include "local/pub_sub.h"

namespace respring::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Adapters, PubSubContract,
                         ::testing::Values(PubSubMaker{"local", local::make_pub_sub}),
                         [](const auto& maker) { return maker.param.name; });

TEST(LocalPubSub, ThePayloadIsSharedNotCopied) {
  const auto pub_sub = local::make_pub_sub();
  const auto sent = std::make_shared<const std::string>("x");
  const std::string* received = nullptr;
  const auto subscription =
      pub_sub->subscribe("a", [&](auto payload) { received = payload.get(); });
  pub_sub->publish("a", sent);
  EXPECT_EQ(received, sent.get());
}

TEST(LocalPubSub, ASubscriptionMayOutliveIt) {
  auto pub_sub = local::make_pub_sub();
  auto subscription = pub_sub->subscribe("a", [](auto) {});
  pub_sub.reset();
  subscription.reset();
}

TEST(LocalPubSub, AHandlerMayPublish) {
  const auto pub_sub = local::make_pub_sub();
  Inbox inbox;
  const auto second = pub_sub->subscribe("b", inbox.handler());
  const auto first =
      pub_sub->subscribe("a", [&](auto payload) { pub_sub->publish("b", std::move(payload)); });
  pub_sub->publish("a", std::make_shared<const std::string>("on"));
  EXPECT_EQ(inbox.first(1), Texts{"on"});
}

}  // namespace
}  // namespace respring::testing
