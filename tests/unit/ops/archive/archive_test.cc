#include "ops/archive/archive.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "ops/archive/verify.h"

namespace respring::archive {
namespace {

class Blobs final : public chat::BlobStore {
 public:
  Result<void> put(std::string key, std::string bytes) override {
    if (away) return Error{ErrorCode::upstream_unavailable, "away", {}, {}};
    steps->push_back("put " + key);
    objects[key] = spoils ? "spoilt" : bytes;
    return success();
  }
  Result<std::string> get(std::string key) override {
    if (away) return Error{ErrorCode::upstream_unavailable, "away", {}, {}};
    const auto found = objects.find(key);
    if (found == objects.end()) return not_found();
    return found->second;
  }
  Result<void> remove(std::string key) override {
    steps->push_back("remove " + key);
    objects.erase(key);
    return success();
  }
  Result<std::vector<std::string>> list(std::string prefix) override {
    std::vector<std::string> keys;
    for (const auto& [key, bytes] : objects) {
      if (key.starts_with(prefix)) keys.push_back(key);
    }
    return keys;
  }

  std::vector<std::string>* steps = nullptr;
  std::map<std::string, std::string> objects;
  bool away = false;
  bool spoils = false;
};

class OneShard final : public Shard {
 public:
  Result<std::optional<Piece>> next() override {
    if (pieces.empty()) return std::optional<Piece>();
    auto piece = pieces.front();
    pieces.pop_front();
    return std::optional(piece);
  }
  Result<void> announce(const Piece& piece) override {
    steps.push_back("announce " + piece.key);
    return success();
  }
  Result<Fate> commit(const Piece& piece) override {
    steps.push_back("commit " + piece.key);
    return fate;
  }
  Result<std::vector<std::string>> garbage() override { return waste; }
  Result<void> forget(const std::vector<std::string>&) override {
    steps.emplace_back("forget");
    waste.clear();
    return success();
  }

  std::deque<Piece> pieces;
  std::vector<std::string> waste;
  std::vector<std::string> steps;
  Fate fate = Fate::archived;
};

class ArchiveRun : public ::testing::Test {
 protected:
  ArchiveRun() {
    blobs.steps = &shard.steps;
    for (const Seq first : {1, 11})
      shard.pieces.push_back(
          {RoomId{7}, first, first + 9, 8, "k" + std::to_string(first), "bytes"});
  }
  Result<Report> run(bool dry_run = false) { return archive::run(shard, blobs, dry_run, hooks); }

  Blobs blobs;
  OneShard shard;
  Hooks hooks;
};

TEST_F(ArchiveRun, NothingLeavesTheTablesBeforeItIsElsewhere) {
  const auto report = run().value();
  EXPECT_EQ(report.segments, 2);
  EXPECT_EQ(report.events, 20);
  EXPECT_EQ(report.messages, 16);
  EXPECT_EQ(report.bytes, 10);
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(shard.steps, (std::vector<std::string>{"announce k1", "put k1", "commit k1",
                                                   "announce k11", "put k11", "commit k11"}));
}

TEST_F(ArchiveRun, AnObjectThatReadsOtherwiseIsNotCommitted) {
  blobs.spoils = true;
  const auto report = run();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::internal);
  EXPECT_EQ(shard.steps, (std::vector<std::string>{"announce k1", "put k1"}));
}

TEST_F(ArchiveRun, WhileTheBlobStoreIsAwayNothingIsCommitted) {
  blobs.away = true;
  const auto report = run();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::upstream_unavailable);
  EXPECT_EQ(shard.steps, (std::vector<std::string>{"announce k1"}));
}

TEST_F(ArchiveRun, WhatSomebodyIsAtStays) {
  for (const auto fate : {Fate::changed, Fate::moving, Fate::late}) {
    shard.fate = fate;
    shard.pieces.assign({{RoomId{7}, 1, 10, 8, "k1", "bytes"}});
    const auto report = run().value();
    EXPECT_EQ(report.segments, 0);
    EXPECT_EQ(report.left, 1);
    EXPECT_TRUE(report.finished);
  }
}

TEST_F(ArchiveRun, WhatNobodyNeedsGoesFirst) {
  shard.waste = {"old1", "old2"};
  shard.pieces.clear();
  EXPECT_EQ(run().value().removed, 2);
  EXPECT_EQ(shard.steps, (std::vector<std::string>{"remove old1", "remove old2", "forget"}));
}

TEST_F(ArchiveRun, ADryRunTouchesNothing) {
  shard.waste = {"old1"};
  EXPECT_EQ(run(true).value().segments, 2);
  EXPECT_TRUE(shard.steps.empty());
}

TEST_F(ArchiveRun, ItStopsBetweenTwoPieces) {
  int seen = 0;
  hooks.on_progress = [&](const Report& report) { seen = static_cast<int>(report.segments); };
  hooks.stopping = [&] { return seen == 1; };
  const auto report = run().value();
  EXPECT_EQ(report.segments, 1);
  EXPECT_FALSE(report.finished);
}

class OneShardsNotes final : public Notes {
 public:
  Result<std::optional<Noted>> next() override {
    if (at == noted.size()) return std::optional<Noted>();
    return std::optional(noted[at++]);
  }
  Result<std::optional<std::string>> compare(const std::string& object) override {
    if (object == "good") return std::optional<std::string>();
    return std::optional<std::string>("it is " + object);
  }
  Result<std::vector<std::string>> announced() override { return waste; }
  Result<bool> knows(const std::string& key) override { return key == late; }

  std::vector<Noted> noted;
  std::size_t at = 0;
  std::vector<std::string> waste;
  std::string late;
};

TEST(ArchiveVerify, FindsWhatIsMissingWrongOrTooMuch) {
  std::vector<std::string> steps;
  Blobs blobs;
  blobs.steps = &steps;
  blobs.objects = {{"archive/good", "good"},   {"archive/bad", "spoilt"}, {"archive/waste", "x"},
                   {"archive/alien", "alien"}, {"archive/late", "good"},  {"files/photo", "x"}};
  for (const bool quick : {false, true}) {
    auto notes = std::make_unique<OneShardsNotes>();
    notes->noted = {{RoomId{1}, 1, 10, "archive/good", 4},
                    {RoomId{1}, 11, 20, "archive/bad", 5},
                    {RoomId{2}, 1, 10, "archive/gone", 6}};
    notes->waste = {"archive/waste"};
    notes->late = "archive/late";
    std::vector<std::unique_ptr<Notes>> shards;
    shards.push_back(std::move(notes));
    const auto verdict = verify(shards, blobs, "archive/", quick, [](const Verdict&) {}).value();
    EXPECT_EQ(verdict.segments, 3);
    EXPECT_EQ(verdict.bytes, 15);
    std::vector<std::string> said;
    for (const auto& fault : verdict.faults) said.push_back(fault.what);
    std::vector<std::string> expected = {"events 11 to 20: it is spoilt",
                                         "events 1 to 10: its object archive/gone is missing",
                                         "archive/alien belongs to no room"};
    if (quick) expected.erase(expected.begin());
    EXPECT_EQ(said, expected);
  }
}

}  // namespace
}  // namespace respring::archive
