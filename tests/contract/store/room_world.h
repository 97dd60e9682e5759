#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/io_pool.h"
#include "async/run.h"
#include "memory_blobs.h"
#include "store/room_log.h"
#include "store/settle.h"
#include "store_backend.h"

namespace respring::store {

/// A clock that only the test moves.
class ManualClock final : public Clock {
 public:
  Time now() const override { return from_ms(ms_.load()); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1'790'000'000'000};
};

/// Takes everything; can be told to fail.
class BusLog final : public chat::EventBus {
 public:
  Result<void> publish(std::string_view, const std::vector<chat::BusRecord>& records) override;
  Result<std::unique_ptr<chat::BusConsumer>> subscribe(std::string, std::string) override {
    return internal("not in this test");
  }
  Result<std::int64_t> lag(std::string_view, std::string_view) override { return 0; }

  /// The first seqs seen of a room, waiting until `count` are there.
  std::vector<Seq> wait_for(RoomId room, std::size_t count);
  void fail(bool on);
  /// Takes the records of the next call but reports an error: a crash after the publish.
  void lose_answer_once();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<RoomId, Seq>> seen_;
  bool failing_ = false;
  bool lose_answer_ = false;
};

inline constexpr UserId kMinji{101}, kYoungho{102}, kSunja{103}, kStranger{999};

/// Two shards of room logs and people to talk in them, in whole sentences.
class RoomWorld {
 public:
  explicit RoomWorld(StoreBackend& backend, std::size_t batch_limit = 256);
  /// Whose map is kept in a meta database, so that slots can move.
  struct Moving {};
  RoomWorld(StoreBackend& backend, Moving);
  ~RoomWorld();
  /// Closes everything and opens it again, as after a restart.
  void restart();
  void close() { log.reset(); }
  void open();

  Result<chat::Written> write(RoomId room, UserId actor, chat::Command command);
  /// Submits all before any can be answered, so that they share batches.
  std::vector<Result<chat::Written>> write_together(std::vector<chat::Write> writes);
  static chat::Write request(RoomId room, UserId actor, chat::Command command);

  /// A group of Minji (owner) and these; a direct room of Minji and Youngho.
  RoomId group(std::vector<UserId> others = {kYoungho});
  RoomId direct();
  /// A text said; its answer, which must be a success.
  chat::Written say(RoomId room, UserId sender, const std::string& text);
  static chat::Send text(const std::string& text) { return {new_uuid(), text, {}, "[]", {}}; }

  chat::LogPage log_of(RoomId room, UserId reader, Seq after = 0, int limit = 500);
  chat::RoomView view(RoomId room, UserId reader);
  chat::History history(RoomId room, UserId reader, chat::HistoryQuery query);
  chat::Message message(RoomId room, UserId reader, Seq seq);
  ErrorCode error_reading(RoomId room, UserId reader);

  template <class T>
  T wait(Task<T> task) {
    return async::block_on(io.at(0).get_executor(), std::move(task));
  }

  /// Of a moving world.
  Fleet fleet();
  std::unique_ptr<sql::Connection> shard(const std::string& name) {
    return backend.database(name)().value();
  }

  StoreBackend& backend;
  bool moving = false;
  ManualClock clock;
  BusLog bus;
  MemoryBlobs blobs;
  async::IoPool io{1};
  std::unique_ptr<RoomLog> log;
  std::size_t batch_limit;
  std::chrono::milliseconds longest_read{5000};
};

/// The code of a refusal; fails the test when it is a success.
ErrorCode code_of(const Result<chat::Written>& result);

}  // namespace respring::store
