#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chat/commands.h"
#include "store/change_body.h"
#include "store/content_hash.h"
#include "store/room_rows.h"
#include "store/segment.h"
#include "store/slot_tables.h"
#include "store/slots.h"
#include "store/step.h"

namespace respring::store {

/// What one transaction of a shard's writer reads and changes. What the requests will surely need
/// is read together by prefetch(), other rows when they are asked for; each is read once and kept.
/// New messages, changes, heads and cursors are collected and written together by finish(),
/// everything else at once. A command must check everything before it changes anything here, so
/// that a refused one leaves no trace. Lives inside one transaction, used by one thread.
class Batch {
 public:
  struct Member {
    RoomRow* room = nullptr;
    MemberRow* me = nullptr;
  };
  struct FirstUse {  ///< of a cid
    Seq seq = 0;
    std::string content_hash;
  };
  /// Tells after a commit of unknown outcome whether it happened: this event is in the log.
  struct Probe {
    RoomKey key;
    Seq seq = 0;
    UserId actor;
    Time at{};
  };

  /// A request about to come: its room, who acts, and the cid of a message.
  struct Need {
    RoomKey key;
    UserId actor;
    std::optional<Uuid> cid;
  };

  Batch(sql::Connection& db, Time now) : db_(db), now_(now) {}

  /// Reads the fence, the rooms in the order of their keys, the actors and what became of the cids.
  sql::Result<void> prefetch(const std::vector<Need>& needs);
  /// What the shard says about the room's slot, which was prefetched.
  Fence fence_of(const RoomKey& key) const;

  sql::Connection& db() { return db_; }
  Time now() const { return now_; }

  sql::Result<RoomRow*> room(const RoomKey& key);                   ///< nullptr: there is none
  sql::Result<MemberRow*> member(const RoomKey& key, UserId user);  ///< nullptr: never was one
  /// The open room and the actor's present membership, else `not_found`.
  Step<Member> standing(const RoomKey& key, UserId actor);
  sql::Result<CursorRow> cursor(const RoomKey& key, UserId user);
  sql::Result<std::optional<FirstUse>> first_use(const RoomKey& key, UserId sender,
                                                 const Uuid& cid);
  /// That none of these events is archived, else what has to come back.
  Step<void> expect_stored(const RoomKey& key, const std::vector<Seq>& seqs);
  /// The same of what a change of this message changes with it.
  Step<void> expect_stored_about(const RoomKey& key, Seq target);
  sql::Result<Ordinal> ordinal_at(const RoomKey& key, Seq seq);
  /// Archived events go back into the tables, unless they are there already.
  sql::Result<void> put_back(const RoomKey& key, const SegmentRow& row, const Segment& segment);

  sql::Result<RoomRow*> add_room(const RoomKey& key, RoomRow row);
  void touch(const RoomKey& key);  ///< the room's row was changed
  sql::Result<void> put_member(const RoomKey& key, const MemberRow& row);
  void end_memberships(const RoomKey& key, Seq at);  ///< of the rows kept here
  void put_cursor(const RoomKey& key, UserId user, CursorRow cursor);
  void add_message(const RoomKey& key, const chat::Message& message, const ContentHash& hash);

  /// Gives the event the room's next seq.
  Seq next_seq(RoomRow& room) { return ++room.last_seq; }
  /// A change to be kept in the log. `version` and `text` are those of an edit.
  void add_change(const RoomKey& key, const chat::Event& event);
  /// Whose traceparent the events from here on carry; empty: none.
  void on_behalf_of(std::string trace) { trace_ = std::move(trace); }
  /// Notes an event for the outbox and the answer.
  void publish(const RoomKey& key, chat::Event event, chat::Written& written);

  /// Makes the collected messages and changes visible to queries of this transaction.
  sql::Result<void> flush_messages();
  /// To be told of every row that a command changes by SQL of its own: while the slot moves, the
  /// copy follows by these. Without a key: all rows of the room in that table.
  void changed(const RoomKey& key, SlotTable table, std::optional<std::int64_t> row_key = {});
  bool is_moving(const RoomKey& key) const {
    return fence_of(key).state == shardmap::SlotState::moving;
  }
  /// Writes everything still collected, and the outbox row.
  sql::Result<void> finish();

  bool has_written() const { return wrote_; }
  bool has_events() const { return !outbox_.empty(); }
  const std::optional<Probe>& probe() const { return probe_; }

 private:
  struct PendingMessage {
    RoomKey key;
    chat::Message message;
    ContentHash hash;
  };
  struct PendingChange {
    RoomKey key;
    Seq seq = 0;
    UserId actor;
    Time at{};
    ChangeColumns columns;
  };
  struct CachedRoom {
    RoomKey key;
    std::optional<RoomRow> row;
    bool dirty = false;
  };
  using UserKey = std::pair<RoomId, UserId>;
  using CidKey = std::pair<UserKey, Uuid>;
  struct CachedCursor {
    RoomKey key;
    CursorRow row;
    bool dirty = false;
  };

  sql::Result<void> fetch_fence(const std::vector<Need>& needs);
  sql::Result<void> fetch_rooms(const std::vector<Need>& needs);
  sql::Result<void> fetch_members(const std::vector<Need>& needs);
  sql::Result<void> fetch_cids(const std::vector<Need>& needs);
  sql::Result<Seq> archived_seq(const RoomKey& key);
  sql::Result<void> write_changes();
  sql::Result<void> write_rooms();
  sql::Result<void> write_cursors();
  sql::Result<void> write_journal();

  sql::Connection& db_;
  Time now_;
  std::map<std::int32_t, Fence> fence_;
  std::unordered_map<RoomId, CachedRoom> rooms_;
  std::map<UserKey, std::optional<MemberRow>> members_;
  std::map<UserKey, CachedCursor> cursors_;
  std::map<CidKey, std::optional<FirstUse>> cids_;
  std::vector<PendingMessage> pending_;
  std::vector<PendingChange> pending_changes_;
  std::set<std::pair<shardmap::Slot, Touched>> journal_;
  std::string outbox_;
  std::string trace_;
  std::optional<Probe> probe_;
  bool wrote_ = false;
};

}  // namespace respring::store
