#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "chat/ports/event_bus.h"
#include "chat/ports/room_log.h"
#include "shardmap/shard_map.h"
#include "sql/pool.h"
#include "store/archive_access.h"
#include "store/outbox_relay.h"
#include "store/shard_writer.h"
#include "store/write_router.h"

namespace respring::store {

/// chat::RoomLog over one or more shard databases: finds the shard of a room, hands writes to that
/// shard's writer and reads on the shard's own threads, and runs the outbox relays. While a slot
/// moves, reads and writes wait for it and follow.
class RoomLog final : public chat::RoomLog {
 public:
  struct Shard {
    std::string name;
    sql::Connect connect;  ///< opens its database; open() migrates it
  };
  struct Options {
    std::vector<Shard> shards;  ///< as in the map, in its order
    shardmap::ShardMap map;
    const Clock* clock = nullptr;   ///< must outlive this
    chat::EventBus* bus = nullptr;  ///< where events go; must outlive this. Nothing: they stay
    std::string node{};             ///< who this is among the nodes that share the shards
    std::size_t read_threads = 2;   ///< per shard
    std::size_t read_queue = 2048;  ///< per shard; more is `overloaded`
    std::size_t batch_limit = 256;
    std::size_t write_queue = 8192;
    /// See WriteRouter::Options; without newer_map whoever meets a moving slot is told so.
    std::function<sql::Result<std::optional<shardmap::ShardMap>>(std::int64_t)> newer_map{};
    std::function<sql::Result<void>(shardmap::Slot)> settle{};
    std::chrono::milliseconds map_poll{2000};
    std::chrono::milliseconds max_freeze{2000};
    std::chrono::milliseconds longest_read{5000};  ///< then a shard counts as hanging
    /// Where archived events lie; must outlive this. Nothing: what reaches them is `internal`.
    chat::BlobStore* blobs = nullptr;
    std::chrono::milliseconds longest_bring{20'000};  ///< of archived events
  };
  struct ShardStats {
    std::string name;
    ShardWriter::Stats writer;
    OutboxRelay::Stats relay;
    std::int64_t reads_queued = 0;
  };
  /// The shard map may have changed: looks again soon. Any thread.
  void look_at_map() { router_->look_again(); }
  std::shared_ptr<const shardmap::ShardMap> map() const { return router_->map(); }

  /// Migrates the databases, makes the slots' rows where they are missing, starts the threads.
  static sql::Result<std::unique_ptr<RoomLog>> open(Options options);
  ~RoomLog() override;

  /// Finishes the queued writes, answers the queued reads, stops the relays. Idempotent; blocks.
  void stop();
  std::vector<ShardStats> stats() const;

  void submit(chat::Write write, Done done) override;
  Task<Result<chat::History>> history(UserId reader, RoomId room,
                                      chat::HistoryQuery query) override;
  Task<Result<chat::Message>> message(UserId reader, RoomId room, Seq seq) override;
  Task<Result<std::vector<chat::Message>>> messages(
      UserId reader, std::vector<std::pair<RoomId, Seq>> which) override;
  Task<Result<chat::LogPage>> log(UserId reader, RoomId room, Seq after, int limit) override;
  Task<Result<chat::LogPage>> log_for_node(RoomId room, Seq after, int limit) override;
  Task<Result<std::vector<chat::SyncItem>>> sync(UserId reader, std::vector<chat::Cursor> cursors,
                                                 int max_events) override;
  Task<Result<std::vector<chat::RoomView>>> rooms(UserId reader, std::vector<RoomId> rooms,
                                                  bool with_last_message) override;
  Task<Result<std::vector<chat::Member>>> members(UserId reader, RoomId room,
                                                  std::optional<chat::Member> after,
                                                  int limit) override;
  Task<Result<std::vector<chat::Member>>> members_for_node(RoomId room) override;
  Task<Result<std::vector<std::pair<RoomId, chat::Head>>>> heads(
      std::vector<RoomId> rooms) override;
  Task<Result<std::vector<chat::Message>>> messages_by(UserId sender, RoomId room, Seq after,
                                                       int limit) override;
  std::int64_t lane_of(RoomId room) const override;
  Task<Result<chat::ReachableRooms>> reachable_rooms(UserId reader, std::vector<RoomId> rooms,
                                                     bool with_last_message) override;
  Task<Result<std::vector<RoomId>>> rooms_of(UserId user, chat::Memberships which) override;

 private:
  struct Part;   // a shard's threads and connections
  struct Place;  // where a room is by one map
  using Hand = std::shared_ptr<SegmentsAtHand>;

  explicit RoomLog(Options options);
  sql::Result<void> open_shard(std::size_t index);

  Task<bool> may_try_again(int attempt);
  /// `ask(hand)` until everything it needs of the archive is at hand.
  template <class Ask>
  auto with_archive(Ask ask) -> std::invoke_result_t<Ask&, Hand>;
  Task<Result<chat::LogPage>> read_log_of(std::optional<UserId> reader, RoomId room, Seq after,
                                          int limit);
  template <class R, class Work>
  Task<R> ask(Part& part, Work work);
  template <class Read, class R>
  Task<R> read_as(RoomId room, Read read);
  template <class Read>
  auto read(RoomId room, Read read);
  template <class Value, class Item, class Read>
  Task<Result<std::vector<Value>>> read_once(const std::vector<Item>& items, Read read);
  template <class Value, class Item, class Read>
  Task<Result<std::vector<Value>>> read_all(std::vector<Item> items, Read read);
  template <class Value>
  struct Reached {
    std::map<std::size_t, Value> values;  ///< by the item's place
    std::vector<RoomId> unreachable;
  };
  template <class Value, class Item, class Read>
  Task<Result<Reached<Value>>> read_reachable(std::vector<Item> items, Read read);
  template <class Value, class Item, class Read>
  Task<Result<std::vector<std::pair<std::size_t, Value>>>> read_from(
      std::int32_t shard, const std::vector<std::tuple<std::size_t, Place, Item>>& items,
      Read read);
  template <class Item, class Read>
  auto read_each(std::vector<Item> items, Read read);
  Task<std::int64_t> stored_version();
  Task<Result<std::vector<RoomId>>> rooms_once(UserId user, chat::Memberships which);

  Options options_;
  std::unique_ptr<WriteRouter> router_;
  std::unique_ptr<ArchiveAccess> archive_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace respring::store
