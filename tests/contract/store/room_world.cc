#include "room_world.h"

#include "chat/codec.h"
#include "store/map_store.h"
#include "store/migrations.h"

namespace respring::store {

Result<void> BusLog::publish(std::string_view, const std::vector<chat::BusRecord>& records) {
  const std::lock_guard lock(mutex_);
  if (failing_) return internal("the bus is down");
  for (const auto& record : records) {
    const auto event = chat::event_from_json(record.value);
    EXPECT_TRUE(event) << record.value;
    if (!event) continue;
    EXPECT_EQ(record.key, event.assume_value().room.str());
    seen_.emplace_back(event.assume_value().room, event.assume_value().seq);
  }
  changed_.notify_all();
  if (std::exchange(lose_answer_, false)) return internal("the answer was lost");
  return success();
}

std::vector<Seq> BusLog::wait_for(RoomId room, std::size_t count) {
  std::unique_lock lock(mutex_);
  std::vector<Seq> seqs;
  changed_.wait_for(lock, std::chrono::seconds(20), [&] {
    seqs.clear();
    for (const auto& [id, seq] : seen_) {
      if (id == room) seqs.push_back(seq);
    }
    return seqs.size() >= count;
  });
  return seqs;
}

void BusLog::fail(bool on) {
  const std::lock_guard lock(mutex_);
  failing_ = on;
}

void BusLog::lose_answer_once() {
  const std::lock_guard lock(mutex_);
  lose_answer_ = true;
}

RoomWorld::RoomWorld(StoreBackend& where, std::size_t limit) : backend(where), batch_limit(limit) {
  io.start();
  open();
}

RoomWorld::RoomWorld(StoreBackend& where, Moving) : backend(where), moving(true), batch_limit(256) {
  io.start();
  open();
}

Fleet RoomWorld::fleet() {
  return {backend.database("meta"),
          [this](const std::string& name) { return backend.database(name)(); }};
}

RoomWorld::~RoomWorld() {
  log.reset();
  io.stop();
}

void RoomWorld::open() {
  RoomLog::Options options;
  options.shards = {{"shard-0", backend.database("shard-0")},
                    {"shard-1", backend.database("shard-1")}};
  options.map = shardmap::even_map({"shard-0", "shard-1"});
  options.clock = &clock;
  options.bus = &bus;
  options.batch_limit = batch_limit;
  options.longest_read = longest_read;
  options.blobs = &blobs;
  if (moving) {
    const std::vector<std::string> names = {"shard-0", "shard-1"};
    auto meta = backend.database("meta")().value();
    ASSERT_TRUE(migrate(*meta, built_in_migrations("meta")));
    options.map = load_or_create_map(*meta, names).value();
    options.newer_map =
        [this, names](std::int64_t version) -> sql::Result<std::optional<shardmap::ShardMap>> {
      RESPRING_TRY(const auto connection, backend.database("meta")());
      return load_newer_map(*connection, names, version);
    };
    options.settle = [this](shardmap::Slot slot) { return thaw_slot(fleet(), slot, clock.now()); };
    options.max_freeze = std::chrono::milliseconds(300);
  }
  auto opened = RoomLog::open(std::move(options));
  ASSERT_TRUE(opened) << opened.assume_error().detail;
  log = std::move(opened).assume_value();
}

void RoomWorld::restart() {
  close();
  open();
}

chat::Write RoomWorld::request(RoomId room, UserId actor, chat::Command command) {
  return {room, actor, std::move(command),
          std::chrono::steady_clock::now() + std::chrono::seconds(30)};
}

Result<chat::Written> RoomWorld::write(RoomId room, UserId actor, chat::Command command) {
  std::promise<Result<chat::Written>> promise;
  auto future = promise.get_future();
  log->submit(request(room, actor, std::move(command)),
              [&promise](Result<chat::Written> answer) { promise.set_value(std::move(answer)); });
  return future.get();
}

std::vector<Result<chat::Written>> RoomWorld::write_together(std::vector<chat::Write> writes) {
  std::vector<std::promise<Result<chat::Written>>> promises(writes.size());
  for (std::size_t i = 0; i < writes.size(); ++i)
    log->submit(std::move(writes[i]), [&promise = promises[i]](Result<chat::Written> answer) {
      promise.set_value(std::move(answer));
    });
  std::vector<Result<chat::Written>> answers;
  for (auto& promise : promises) answers.push_back(promise.get_future().get());
  return answers;
}

RoomId RoomWorld::group(std::vector<UserId> others) {
  const auto room = new_id<RoomId>();
  chat::Create create{chat::RoomKind::group, "모임", {{kMinji, chat::Role::owner}}};
  for (const auto user : others) create.members.push_back({user, chat::Role::member});
  const auto made = write(room, kMinji, std::move(create));
  EXPECT_TRUE(made) << made.assume_error().detail;
  return room;
}

RoomId RoomWorld::direct() {
  const auto room = new_id<RoomId>();
  const auto made =
      write(room, kMinji, chat::Create{chat::RoomKind::direct, {}, {{kMinji}, {kYoungho}}});
  EXPECT_TRUE(made) << made.assume_error().detail;
  return room;
}

chat::Written RoomWorld::say(RoomId room, UserId sender, const std::string& words) {
  auto written = write(room, sender, text(words));
  EXPECT_TRUE(written) << written.assume_error().detail;
  return written ? std::move(written).assume_value() : chat::Written{};
}

chat::LogPage RoomWorld::log_of(RoomId room, UserId reader, Seq after, int limit) {
  auto page = wait(log->log(reader, room, after, limit));
  EXPECT_TRUE(page) << page.assume_error().detail;
  return page ? std::move(page).assume_value() : chat::LogPage{};
}

chat::RoomView RoomWorld::view(RoomId room, UserId reader) {
  auto views = wait(log->rooms(reader, {room}, true));
  EXPECT_TRUE(views) << views.assume_error().detail;
  if (!views || views.assume_value().size() != 1) {
    ADD_FAILURE() << "the room is not there";
    return {};
  }
  return std::move(views).assume_value().front();
}

chat::History RoomWorld::history(RoomId room, UserId reader, chat::HistoryQuery query) {
  auto page = wait(log->history(reader, room, query));
  EXPECT_TRUE(page) << page.assume_error().detail;
  return page ? std::move(page).assume_value() : chat::History{};
}

chat::Message RoomWorld::message(RoomId room, UserId reader, Seq seq) {
  auto found = wait(log->message(reader, room, seq));
  EXPECT_TRUE(found) << found.assume_error().detail;
  return found ? std::move(found).assume_value() : chat::Message{};
}

ErrorCode RoomWorld::error_reading(RoomId room, UserId reader) {
  const auto page = wait(log->log(reader, room, 0, 1));
  EXPECT_FALSE(page);
  return page ? ErrorCode::internal : page.assume_error().code;
}

ErrorCode code_of(const Result<chat::Written>& result) {
  EXPECT_FALSE(result) << "this was to be refused";
  return result ? ErrorCode::internal : result.assume_error().code;
}

}  // namespace respring::store
