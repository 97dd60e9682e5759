#include "ops/reindex/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "chat/codec.h"
#include "unit/ops/reindex/world.h"

namespace respring::reindex {
namespace {

using testing::ElementsAre;

/// Rooms, their events, generations of an index, and a server that goes on writing to the one that
/// serves: after so many calls of the engine something is killed.
class Platform final : public Engine, public Events {
 public:
  World rooms;
  std::vector<chat::BusRecord> events;
  std::size_t server_at = 0;  ///< what the server has indexed of the events
  std::map<int, std::unique_ptr<World>> indices;
  std::vector<Generation> generations;
  std::int64_t kept_from = 0;
  int calls_until_death = -1;
  int sends_per_call = 0;  ///< somebody goes on sending
  int forgets = 0;         ///< this room of a new generation, when it is first compared

  Platform() {
    for (int room = 1; room <= 3; ++room) {
      rooms.add_room(0, room, room, 0);
      for (int i = 0; i < 20; ++i) send(room);
    }
    add({.number = 1, .name = "v1", .serving = true, .readable = true});
    serve_events();
  }

  void send(std::int64_t room) {
    const auto document = rooms.send(place_of(room), UserId{5}, "text");
    chat::Sent sent;
    sent.message.room = document.room;
    sent.message.seq = document.seq;
    sent.message.sender = document.sender;
    sent.message.cid = Uuid{};
    sent.message.text = *document.text;
    publish(document.room, document.seq, std::move(sent));
  }
  void erase(std::int64_t room, Seq target) {
    rooms.erase(place_of(room), target);
    publish(RoomId{room}, 1000 + target, chat::Deleted{.target = target, .version = 2});
  }
  /// The server's indexer, as far as there are events.
  void serve_events() {
    for (; server_at < events.size(); ++server_at) write_event(serving(), events[server_at]);
  }
  World& serving() {
    for (const Generation& one : generations) {
      if (one.serving) return *indices.at(one.number);
    }
    throw std::logic_error("none serves");
  }
  bool serving_is_whole() {
    serve_events();
    World& index = serving();
    rooms.index = index.index;
    return rooms.is_whole() && verify(rooms, index, {.full = true}).value().found == 0;
  }

  Result<std::vector<Generation>> list() override {
    RESPRING_TRY(const auto alone, live());
    return generations;
  }
  Result<Generation> create(const Build& build) override {
    RESPRING_TRY(const auto alone, live());
    const int number = generations.back().number + 1;
    add({.number = number, .name = "v" + std::to_string(number), .readable = true, .build = build});
    return generations.back();
  }
  Result<void> note(int number, const Build& build) override {
    RESPRING_TRY(const auto alone, live());
    of(number).build = build_from(to_json(build)).value();
    return success();
  }
  Result<void> serve(int number) override {
    RESPRING_TRY(const auto alone, live());
    for (Generation& one : generations) one.serving = one.number == number;
    return success();
  }
  Result<void> remove(int number) override {
    RESPRING_TRY(const auto alone, live());
    std::erase_if(generations, [&](const Generation& one) { return one.number == number; });
    indices.erase(number);
    return success();
  }
  Result<std::unique_ptr<Target>> open(int number) override {
    RESPRING_TRY(const auto alone, live());
    return std::unique_ptr<Target>(std::make_unique<Opened>(*this, *indices.at(number)));
  }

  Result<Positions> end() override {
    RESPRING_TRY(const auto alone, live());
    return Positions{static_cast<std::int64_t>(events.size())};
  }
  Result<Positions> indexed() override {
    RESPRING_TRY(const auto alone, live());
    return Positions{static_cast<std::int64_t>(server_at)};
  }
  Result<std::vector<chat::BusRecord>> read(Positions& from, const Positions& until,
                                            std::size_t) override {
    RESPRING_TRY(const auto alone, live());
    if (from.at(0) < kept_from) return Error{ErrorCode::conflict, "gone", {}, {}};
    std::vector<chat::BusRecord> records;
    for (; from[0] < until.at(0) && records.size() < 3; ++from[0])
      records.push_back(events.at(static_cast<std::size_t>(from[0])));
    return records;
  }

 private:
  /// One generation, which dies with the rest.
  class Opened final : public Target {
   public:
    Opened(Platform& platform, World& world) : platform_(platform), world_(world) {}
    Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
      RESPRING_TRY(const auto alone, platform_.live());
      return world_.write(documents);
    }
    Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery query) override {
      return world_.search(std::move(query));
    }
    Result<std::int64_t> count(RoomId room) override { return world_.count(room); }
    Result<void> clear(RoomId room) override { return world_.clear(room); }
    Result<std::vector<std::int64_t>> counts(const std::vector<Room>& rooms) override {
      RESPRING_TRY(const auto alone, platform_.live());
      return world_.counts(rooms);
    }
    Result<std::vector<std::optional<Entry>>> find(
        const std::vector<chat::SearchHit>& messages) override {
      RESPRING_TRY(const auto alone, platform_.live());
      return world_.find(messages);
    }
    Result<void> refresh() override {
      RESPRING_TRY(const auto alone, platform_.live());
      if (const int room = std::exchange(platform_.forgets, 0)) world_.index[RoomId{room}].clear();
      return success();
    }

   private:
    Platform& platform_;
    World& world_;
  };

  /// What goes on meanwhile, and then nothing else does until the caller has returned: the scan's
  /// writers call beside the thread that reads and notes.
  Result<std::unique_lock<std::mutex>> live() {
    std::unique_lock alone(mutex_);
    if (calls_until_death == 0) return internal("killed");
    --calls_until_death;
    for (int i = 0; i < sends_per_call; ++i) send(1 + i % 3);
    // A server that is a little behind.
    if (sends_per_call > 0 && events.size() > 70 && server_at + 4 < events.size()) {
      for (const std::size_t to = events.size() - 4; server_at < to; ++server_at)
        write_event(serving(), events[server_at]);
    }
    return alone;
  }
  static Place place_of(std::int64_t room) { return {0, static_cast<int>(room), RoomId{room}}; }
  void add(Generation generation) {
    indices[generation.number] = std::make_unique<World>();
    generations.push_back(std::move(generation));
  }
  Generation& of(int number) {
    for (Generation& one : generations) {
      if (one.number == number) return one;
    }
    throw std::logic_error("no such generation");
  }
  template <class Body>
  void publish(RoomId room, Seq seq, Body body) {
    chat::Event event;
    event.room = room;
    event.seq = seq;
    event.actor = UserId{5};
    event.body = std::move(body);
    chat::BusRecord record;
    record.value = chat::to_json(event);
    events.push_back(std::move(record));
  }
  void write_event(World& index, const chat::BusRecord& record) {
    const auto event = chat::event_from_json(record.value).value();
    Seq seq = 0;
    if (const auto* sent = std::get_if<chat::Sent>(&event.body)) seq = sent->message.seq;
    if (const auto* deleted = std::get_if<chat::Deleted>(&event.body)) seq = deleted->target;
    (void)index.write({*rooms.document(event.room, seq).value()});
  }

  std::mutex mutex_;
};

RebuildOptions options() {
  RebuildOptions options;
  options.scan = {.writers = 3, .page = 7};
  return options;
}

class Rebuilding : public testing::Test {
 protected:
  Platform platform_;
  SystemClock clock_;
};

TEST_F(Rebuilding, ANewGenerationServesAndTheOldOneIsKept) {
  platform_.erase(2, 5);
  const auto done = rebuild(platform_, platform_.rooms, &platform_, clock_, options());
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done.value().end, Rebuilt::End::done);
  EXPECT_EQ(done.value().generation.number, 2);
  EXPECT_TRUE(platform_.generations.at(1).serving);
  EXPECT_EQ(platform_.generations.at(1).build->phase, Phase::complete);
  EXPECT_TRUE(platform_.generations.at(0).build->kept_until);
  EXPECT_TRUE(platform_.serving_is_whole());
}

// Wherever it is killed while people go on sending, the next one goes on, and nothing is missing.
TEST_F(Rebuilding, GoesOnWhereverItWasKilled) {
  for (int calls = 0; calls < 60; ++calls) {
    Platform platform;
    platform.sends_per_call = 1;
    platform.calls_until_death = calls;
    const auto killed = rebuild(platform, platform.rooms, &platform, clock_, options());
    platform.calls_until_death = -1;
    if (!killed) {
      EXPECT_EQ(killed.error().detail, "killed");
      const auto done = rebuild(platform, platform.rooms, &platform, clock_, options());
      ASSERT_TRUE(done) << calls << ": " << done.error().detail;
      EXPECT_EQ(done.value().end, Rebuilt::End::done) << calls;
    }
    EXPECT_LE(platform.generations.size(), 2U) << calls;
    EXPECT_FALSE(unfinished_generation(platform.generations)) << calls;
    EXPECT_TRUE(platform.serving_is_whole()) << calls;
  }
}

// A room in which people write differs while it is compared; that is no reason to write all of it.
TEST_F(Rebuilding, WhatPeopleWriteMeanwhileCostsNoSecondCopy) {
  for (int i = 0; i < 3'000; ++i) platform_.send(1);
  const std::size_t before = platform_.events.size();
  platform_.sends_per_call = 1;
  const auto done = rebuild(platform_, platform_.rooms, &platform_, clock_, options());
  ASSERT_TRUE(done);
  EXPECT_EQ(done.value().end, Rebuilt::End::done);
  EXPECT_TRUE(platform_.serving_is_whole());
  const std::size_t sent = platform_.events.size() - before;
  EXPECT_LT(platform_.indices.at(2)->written, before + 3 * sent);
}

// The target lost what it had taken: neither the scan nor an event brings it again.
TEST_F(Rebuilding, ARoomThatReallyDiffersIsWrittenAgain) {
  platform_.forgets = 2;
  const auto done = rebuild(platform_, platform_.rooms, &platform_, clock_, options());
  ASSERT_TRUE(done);
  EXPECT_EQ(done.value().end, Rebuilt::End::done);
  EXPECT_TRUE(platform_.serving_is_whole());
}

TEST_F(Rebuilding, RollingBackLosesNothingEither) {
  for (int calls = 0; calls < 30; ++calls) {
    Platform platform;
    ASSERT_TRUE(rebuild(platform, platform.rooms, &platform, clock_, options()));
    platform.sends_per_call = 1;
    platform.send(1);
    platform.calls_until_death = calls;
    const auto killed = roll_back(platform, platform.rooms, &platform, clock_, options());
    platform.calls_until_death = -1;
    const bool switched = platform.generations.at(0).serving;
    if (!killed && switched) {
      ASSERT_TRUE(rebuild(platform, platform.rooms, &platform, clock_, options())) << calls;
    } else if (!killed) {
      ASSERT_TRUE(roll_back(platform, platform.rooms, &platform, clock_, options())) << calls;
    }
    EXPECT_TRUE(platform.generations.at(0).serving) << calls;
    EXPECT_TRUE(platform.serving_is_whole()) << calls;
    EXPECT_EQ(kept_generation(platform.generations)->number, 2) << calls;
  }
}

TEST_F(Rebuilding, WithoutAnOlderGenerationThereIsNothingToRollBackTo) {
  const auto refused = roll_back(platform_, platform_.rooms, &platform_, clock_, options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(Rebuilding, EventsThatAreNotKeptAnyLongerRefuseTheRollBack) {
  ASSERT_TRUE(rebuild(platform_, platform_.rooms, &platform_, clock_, options()));
  platform_.send(1);
  platform_.kept_from = 1'000;
  EXPECT_FALSE(roll_back(platform_, platform_.rooms, &platform_, clock_, options()));
  EXPECT_TRUE(platform_.generations.at(1).serving);
}

TEST_F(Rebuilding, AFreshOneReplacesTheUnfinished) {
  platform_.calls_until_death = 6;
  ASSERT_FALSE(rebuild(platform_, platform_.rooms, &platform_, clock_, options()));
  platform_.calls_until_death = -1;
  const std::string before = unfinished_generation(platform_.generations)->build->job;
  auto fresh = options();
  fresh.fresh = true;
  const auto done = rebuild(platform_, platform_.rooms, &platform_, clock_, fresh);
  ASSERT_TRUE(done);
  EXPECT_FALSE(done.value().resumed);
  EXPECT_NE(done.value().generation.build->job, before);
  EXPECT_EQ(platform_.generations.size(), 2U);
}

TEST_F(Rebuilding, OnlyWhatIsKeptNoLongerIsRemoved) {
  ASSERT_TRUE(rebuild(platform_, platform_.rooms, &platform_, clock_, options()));
  EXPECT_THAT(prune(platform_, clock_.now()).value(), ElementsAre());
  const Time later = clock_.now() + std::chrono::hours(25);
  EXPECT_THAT(prune(platform_, later).value(), ElementsAre("v1"));
  EXPECT_TRUE(platform_.serving_is_whole());
}

}  // namespace
}  // namespace respring::reindex
