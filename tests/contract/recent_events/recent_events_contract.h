#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "chat/ports/recent_events.h"
#include "chat/signals.h"
#include "contract/waiting.h"

/// What every memory of recent events must do.
namespace respring::testing {

struct RecentEventsMaker {
  std::string name;
  std::function<std::unique_ptr<chat::RecentEvents>()> make;
};

inline chat::RecentEvent event_of(RoomId room, RoomEpoch epoch, Seq seq, std::string json) {
  chat::RoomSignal signal{.kind = chat::RoomSignal::Kind::event, .room = room, .epoch = epoch};
  signal.seq = seq;
  signal.json = json;
  return {room, epoch, seq, false, chat::encode(signal)};
}

class RecentEventsContract : public ::testing::TestWithParam<RecentEventsMaker> {
 protected:
  static constexpr RoomId kRoom{77};

  void add(Seq seq, RoomEpoch epoch = 1, RoomId room = kRoom) {
    recent_->add(event_of(room, epoch, seq, text_of(seq)));
  }
  void add_change(Seq seq) {
    auto event = event_of(kRoom, 1, seq, text_of(seq));
    event.changes_older = true;
    recent_->add(std::move(event));
  }
  /// The seqs that are found, with their texts checked.
  std::vector<Seq> found(Seq after, Seq head, RoomEpoch epoch = 1, RoomId room = kRoom) {
    const auto payloads = wait_(recent_->find(room, epoch, after, head));
    EXPECT_TRUE(payloads);
    std::vector<Seq> seqs;
    if (!payloads || !payloads.value()) return seqs;
    for (const std::string& payload : *payloads.value()) {
      const auto signal = chat::decode_signal(payload);
      EXPECT_TRUE(signal);
      EXPECT_EQ(signal->json, text_of(signal->seq));
      seqs.push_back(signal->seq);
    }
    return seqs;
  }
  static std::string text_of(Seq seq) { return "{\"text\":\"글\n" + std::to_string(seq) + "\"}"; }
  static std::vector<Seq> from_to(Seq from, Seq to) {
    std::vector<Seq> seqs;
    for (Seq seq = from; seq <= to; ++seq) seqs.push_back(seq);
    return seqs;
  }
  static inline const std::vector<Seq> kNothing{};

  std::unique_ptr<chat::RecentEvents> recent_ = GetParam().make();
  Waiting wait_;
};

TEST_P(RecentEventsContract, GivesExactlyWhatWasAskedFor) {
  EXPECT_EQ(found(1, 2), kNothing);
  for (const Seq seq : from_to(10, 15)) add(seq);
  EXPECT_EQ(found(9, 15), from_to(10, 15));
  EXPECT_EQ(found(12, 15), from_to(13, 15));
  EXPECT_EQ(found(12, 14), from_to(13, 14)) << "nobody may see more than the head he asked for";
  EXPECT_EQ(found(15, 15), kNothing);
  EXPECT_EQ(found(16, 15), kNothing);
}

TEST_P(RecentEventsContract, NothingRatherThanAPart) {
  for (const Seq seq : from_to(10, 15)) add(seq);
  EXPECT_EQ(found(8, 15), kNothing) << "9 is missing";
  EXPECT_EQ(found(12, 16), kNothing) << "16 is missing";
  EXPECT_EQ(found(0, 1'000'000), kNothing);
}

TEST_P(RecentEventsContract, AHoleBeginsAnew) {
  for (const Seq seq : {10, 11, 13, 14}) add(seq);
  EXPECT_EQ(found(10, 14), kNothing);
  EXPECT_EQ(found(11, 14), kNothing);
  EXPECT_EQ(found(12, 14), from_to(13, 14));
}

TEST_P(RecentEventsContract, RepeatedAndLateOnesChangeNothing) {
  for (const Seq seq : {10, 11, 11, 12, 10, 9, 3}) add(seq);
  EXPECT_EQ(found(9, 12), from_to(10, 12));
}

TEST_P(RecentEventsContract, NothingStaysOfWhatAChangeMayConcern) {
  for (const Seq seq : from_to(10, 12)) add(seq);
  add_change(13);
  add(14);
  EXPECT_EQ(found(9, 14), kNothing);
  EXPECT_EQ(found(11, 13), kNothing);
  EXPECT_EQ(found(9, 12), kNothing) << "not even for who has not heard of the change";
  EXPECT_EQ(found(12, 14), from_to(13, 14));
}

TEST_P(RecentEventsContract, ALateChangeConcernsNothingThatIsKept) {
  for (const Seq seq : from_to(10, 12)) add(seq);
  add(14);  // from another node, before 13
  add_change(13);
  EXPECT_EQ(found(13, 14), from_to(14, 14));
  EXPECT_EQ(found(11, 14), kNothing);
}

TEST_P(RecentEventsContract, EpochsDoNotMix) {
  for (const Seq seq : from_to(10, 12)) add(seq);
  add(5, 2);
  EXPECT_EQ(found(9, 12), kNothing);
  EXPECT_EQ(found(4, 5), kNothing);
  EXPECT_EQ(found(4, 5, 2), from_to(5, 5));
  add(13);  // late, of the old one
  EXPECT_EQ(found(4, 5, 2), from_to(5, 5));
}

TEST_P(RecentEventsContract, RoomsDoNotMix) {
  add(10);
  add(10, 1, RoomId{78});
  add(11, 1, RoomId{78});
  EXPECT_EQ(found(9, 10), from_to(10, 10));
  EXPECT_EQ(found(9, 11, 1, RoomId{78}), from_to(10, 11));
  recent_->forget(RoomId{78});
  EXPECT_EQ(found(9, 11, 1, RoomId{78}), kNothing);
  EXPECT_EQ(found(9, 10), from_to(10, 10));
}

TEST_P(RecentEventsContract, KeepsTheLastOnes) {
  for (const Seq seq : from_to(1, 250)) add(seq);
  EXPECT_EQ(found(50, 250), from_to(51, 250));
  EXPECT_EQ(found(49, 250), kNothing);
}

TEST_P(RecentEventsContract, WhatIsTooLargeIsAHole) {
  add(10);
  recent_->add(event_of(kRoom, 1, 11, std::string(chat::RecentEvents::kLargest + 1, 'x')));
  add(12);
  EXPECT_EQ(found(9, 12), kNothing);
  EXPECT_EQ(found(11, 12), from_to(12, 12));
}

/// Several nodes add in any order and anybody reads: what is given is dense and right, always.
TEST_P(RecentEventsContract, NeverAHoleHoweverTheyRace) {
  std::atomic<Seq> next{1};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 3; ++i) {
    nodes.emplace_back([&] {
      for (Seq seq = next++; seq <= 600; seq = next++) add(seq);
    });
  }
  for (int i = 0; i < 200; ++i) {
    const Seq head = next;
    const Seq after = std::max<Seq>(0, head - 5);
    const auto seqs = found(after, head);
    if (!seqs.empty()) {
      ASSERT_EQ(seqs, from_to(after + 1, head));
    }
  }
  for (auto& node : nodes) node.join();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecentEventsContract);

}  // namespace respring::testing
