#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "room_contract.h"

// What only databases on servers meet: connections that are cut at any moment, and several nodes
// that write the same shard.
namespace respring::store {
namespace {

class RoomServers : public RoomContract {
 protected:
  struct Sent {
    RoomId room;
    Uuid cid;
    Result<chat::Written> answer = internal("not answered");
  };

  // Sends `each` messages into every room, one after the other per room, all rooms at once.
  std::vector<Sent> send(RoomLog& log, const std::vector<RoomId>& rooms, int each) {
    std::vector<std::vector<Sent>> sent(rooms.size());
    std::vector<std::thread> people;
    for (std::size_t i = 0; i < rooms.size(); ++i)
      people.emplace_back([&, i] {
        for (int k = 0; k < each; ++k) sent[i].push_back(send_one(log, rooms[i]));
      });
    for (auto& person : people) person.join();
    std::vector<Sent> all;
    for (auto& some : sent) std::ranges::move(some, std::back_inserter(all));
    return all;
  }
  static Sent send_one(RoomLog& log, RoomId room) {
    const auto text = RoomWorld::text("말");
    std::promise<Result<chat::Written>> promise;
    auto future = promise.get_future();
    const auto done = [&](Result<chat::Written> answer) { promise.set_value(std::move(answer)); };
    log.submit(RoomWorld::request(room, kMinji, text), done);
    return {room, text.cid, future.get()};
  }

  // The room's messages in order; fails when seqs or ordinals have holes or a cid is there twice.
  std::vector<chat::Message> dense_messages(RoomId room) {
    std::vector<chat::Message> messages;
    std::set<Uuid> cids;
    Seq seq = 0;
    while (true) {
      const auto page = world.log_of(room, kMinji, seq, 500);
      if (page.events.empty()) break;
      for (const auto& event : page.events) {
        EXPECT_EQ(event.seq, ++seq);
        const auto* sent = std::get_if<chat::Sent>(&event.body);
        if (sent == nullptr) continue;
        messages.push_back(sent->message);
        EXPECT_EQ(sent->message.ordinal, static_cast<Ordinal>(messages.size()));
        EXPECT_TRUE(cids.insert(sent->message.cid).second) << "a cid is there twice";
      }
    }
    EXPECT_EQ(world.view(room, kMinji).head.seq, seq);
    return messages;
  }

  // I1, I4, I5: what was acknowledged is there, where it was said to be; what was refused is not;
  // and each sender's messages lie in the order in which he sent them.
  void expect_told_the_truth(const std::vector<Sent>& sent) {
    std::map<RoomId, std::map<Uuid, Seq>> stored;
    Seq last = 0;
    RoomId last_room;
    for (const auto& [room, cid, answer] : sent) {
      if (!stored.contains(room)) {
        for (const auto& message : dense_messages(room)) stored[room][message.cid] = message.seq;
      }
      const auto found = stored[room].find(cid);
      const bool there = found != stored[room].end();
      if (answer) {
        ASSERT_TRUE(there) << "an acknowledged message is lost";
        EXPECT_EQ(found->second, answer.assume_value().seq);
        if (room == last_room) {
          EXPECT_GT(found->second, last);
        }
        last = found->second;
        last_room = room;
      } else if (!outcome_unknown(answer.assume_error().code)) {
        EXPECT_FALSE(there) << "a refused message was stored: " << answer.assume_error().detail;
      }
    }
  }

  std::vector<RoomId> groups(int count) {
    std::vector<RoomId> rooms;
    for (int i = 0; i < count; ++i) rooms.push_back(world.group());
    return rooms;
  }

  // Cuts every connection to that shard but its own.
  static int cut_all(sql::Connection& own) {
    std::vector<std::int64_t> numbers;
    {
      auto rows = own.query(
                         "SELECT id FROM information_schema.processlist WHERE db=DATABASE() AND "
                         "id<>CONNECTION_ID()")
                      .value();
      while (rows.next().value()) numbers.push_back(rows.int64(0));
    }
    int cut = 0;
    for (const auto number : numbers)
      cut += own.execute("KILL CONNECTION " + std::to_string(number)) ? 1 : 0;
    return cut;
  }
};

TEST_P(RoomServers, ConnectionsCutAtAnyMomentLoseNothingAndRepeatNothing) {
  const auto rooms = groups(6);
  std::atomic<bool> over{false};
  std::atomic<int> cut{0};
  std::thread cutter([&] {
    auto one = backend->database("shard-0")().value();
    auto two = backend->database("shard-1")().value();
    // At any moment, and yet so that a transaction may get through on a busy machine as well.
    std::minstd_rand chance(7);
    std::uniform_int_distribution<int> pause_ms(0, 40);
    while (!over) {
      cut += cut_all(*one);
      cut += cut_all(*two);
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(chance)));
    }
  });
  auto sent = send(*world.log, rooms, 40);
  // A machine may be so quick that little was cut by then.
  for (int round = 0; cut <= 20 && round < 50; ++round) {
    auto more = send(*world.log, rooms, 40);
    std::ranges::move(more, std::back_inserter(sent));
  }
  over = true;
  cutter.join();
  EXPECT_GT(cut, 20);
  expect_told_the_truth(sent);
  const auto stored = std::ranges::count_if(sent, [](const auto& one) { return !!one.answer; });
  EXPECT_GT(stored, 0);
  for (const auto room : rooms) world.say(room, kMinji, "아직 된다");
}

// As a node that was stopped in the middle of its transaction does.
TEST_P(RoomServers, ARoomThatSomebodyHoldsForLongFailsNoneOfItsNeighbours) {
  std::vector<RoomId> rooms;
  while (rooms.size() < 8) {
    const auto room = world.group();
    if (world.log->lane_of(room) == 0) rooms.push_back(room);
  }
  auto holder = world.shard("shard-0");
  ASSERT_TRUE(holder->begin(sql::Begin::write));
  ASSERT_TRUE(holder->run("UPDATE room SET last_at=last_at+1 WHERE room_id=?", rooms[3]));
  std::vector<std::future<bool>> answers;
  for (const auto room : rooms) {
    const auto answer = std::make_shared<std::promise<bool>>();
    answers.push_back(answer->get_future());
    world.log->submit(RoomWorld::request(room, kMinji, RoomWorld::text("말")),
                      [answer](Result<chat::Written> result) { answer->set_value(!!result); });
  }
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (i == 3) continue;
    EXPECT_TRUE(answers[i].get()) << i;
  }
  EXPECT_EQ(answers[3].wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  holder->rollback();
  EXPECT_TRUE(answers[3].get());
}

TEST_P(RoomServers, AWriterWhoseSessionWasCutIsNotHeldUpByIt) {
  const auto room = world.group();
  for (const auto* shard : {"shard-0", "shard-1"}) {
    auto own = backend->database(shard)().value();
    EXPECT_GE(cut_all(*own), 1);
  }
  // Unseen by the writer until now; nothing was sent, so nobody needs to hear of it.
  EXPECT_EQ(world.say(room, kMinji, "그래도").seq, 2);
}

// Requests gather behind a transaction under way, but not behind one that hangs.
TEST_P(RoomServers, ARoomThatSomebodyHoldsHoldsUpNoOther) {
  const auto rooms = groups(6);
  std::vector<std::unique_ptr<sql::Connection>> holders;
  for (const auto* shard : {"shard-0", "shard-1"}) {
    holders.push_back(world.shard(shard));
    auto& holder = *holders.back();
    ASSERT_TRUE(holder.begin(sql::Begin::write));
    auto rows = holder.query("SELECT last_seq FROM room WHERE room_id=? FOR UPDATE", rooms[0]);
    ASSERT_TRUE(rows && rows.assume_value().next());
  }
  std::promise<Result<chat::Written>> promise;
  auto waiting = promise.get_future();
  world.log->submit(RoomWorld::request(rooms[0], kMinji, RoomWorld::text("기다린다")),
                    [&](Result<chat::Written> answer) { promise.set_value(std::move(answer)); });
  // Only when its transaction is under way: what comes together is written together, and waits.
  const auto waits = [this] {
    std::int64_t queued = 0;
    for (const auto& shard : world.log->stats()) queued += shard.writer.queued;
    return queued > 0;
  };
  while (waits()) std::this_thread::yield();
  for (std::size_t i = 1; i < rooms.size(); ++i) world.say(rooms[i], kMinji, "기다리지 않는다");
  EXPECT_EQ(waiting.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  for (auto& holder : holders) holder->rollback();
  EXPECT_TRUE(waiting.get());
}

// Readers of a shard that hangs are refused at once, but for one a second.
TEST_P(RoomServers, AShardThatHangsLetsNobodyStandInLine) {
  world.longest_read = std::chrono::milliseconds(300);
  world.restart();
  const auto room = world.group();
  std::vector<std::unique_ptr<sql::Connection>> holders;
  for (const auto* shard : {"shard-0", "shard-1"}) {
    holders.push_back(world.shard(shard));
    ASSERT_TRUE(holders.back()->execute("LOCK TABLES room WRITE"));
  }
  EXPECT_EQ(world.error_reading(room, kMinji), ErrorCode::upstream_unavailable);
  EXPECT_EQ(world.error_reading(room, kMinji), ErrorCode::overloaded);
  holders.clear();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!world.wait(world.log->history(kMinji, room, {})))
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody asked it again";
}

TEST_P(RoomServers, SeveralNodesWriteTheSameRooms) {
  RoomWorld other(*backend);
  const auto rooms = groups(3);
  std::vector<Sent> here, there;
  std::thread second([&] { there = send(*other.log, rooms, 40); });
  here = send(*world.log, rooms, 40);
  second.join();
  for (const auto& sent : {here, there}) {
    for (const auto& one : sent) EXPECT_TRUE(one.answer) << one.answer.assume_error().detail;
    expect_told_the_truth(sent);
  }
  for (const auto room : rooms) EXPECT_EQ(dense_messages(room).size(), 80U);
}

TEST_P(RoomServers, OneRoomIsMadeOnceByTwoNodes) {
  RoomWorld other(*backend);
  for (int i = 0; i < 10; ++i) {
    const auto room = new_id<RoomId>();
    const chat::Create create{chat::RoomKind::group, "t", {{kMinji, chat::Role::owner}}};
    Result<chat::Written> answers[] = {internal(""), internal("")};
    std::thread second([&] { answers[1] = other.write(room, kMinji, create); });
    answers[0] = world.write(room, kMinji, create);
    second.join();
    for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.assume_error().detail;
    EXPECT_NE(answers[0].assume_value().duplicate, answers[1].assume_value().duplicate);
    EXPECT_EQ(world.log_of(room, kMinji).events.size(), 1U);
  }
}

TEST_P(RoomServers, TwoNodesMayStartAtTheSameTime) {
  auto fresh = GetParam().make();
  std::unique_ptr<RoomWorld> one, two;
  (void)fresh->database("shard-0");
  (void)fresh->database("shard-1");
  std::thread second([&] { two = std::make_unique<RoomWorld>(*fresh); });
  one = std::make_unique<RoomWorld>(*fresh);
  second.join();
  EXPECT_EQ(one->say(one->group(), kMinji, "하나").seq, 2);
  EXPECT_EQ(two->say(two->group(), kMinji, "둘").seq, 2);
}

RESPRING_ON_ALL_BACKENDS(RoomServers);

}  // namespace
}  // namespace respring::store
