#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "chat/codec.h"
#include "room_contract.h"
#include "store/archive.h"
#include "store/archive_access.h"
#include "store/inspect.h"

namespace respring::store {

/// Two rooms in which the same is done at the same time; only one of them is ever archived, and
/// nobody must be able to tell which.
class ArchiveWorld : public RoomContract {
 protected:
  static constexpr std::chrono::hours kYear{365 * 24};

  /// The same in both rooms; its seq, which is the same in both as well.
  Seq both(UserId actor, const chat::Command& command) {
    const auto one = world.write(room, actor, command);
    const auto other = world.write(twin, actor, command);
    EXPECT_EQ(one.has_value(), other.has_value());
    if (!one || !other) {
      if (!one && !other) {
        EXPECT_EQ(one.error().code, other.error().code);
      } else {
        ADD_FAILURE() << (one ? other.error().detail : one.error().detail);
      }
      return 0;
    }
    EXPECT_EQ(shape_of(one.value()), shape_of(other.value()));
    return one.value().seq;
  }
  Seq say(UserId sender, const std::string& text) { return both(sender, world.text(text)); }

  /// Whatever can be in a log: 40 messages and changes of all kinds.
  void old_life() {
    for (int i = 1; i <= 40; ++i) {
      const auto sender = i % 3 == 0 ? kYoungho : kMinji;
      const Seq seq = say(sender, "오래된 글 " + std::to_string(i));
      if (i % 5 == 0) both(sender, chat::Edit{seq, "고친 글 " + std::to_string(i)});
      if (i % 10 == 0) both(sender, chat::Edit{seq, "다시 고친 글 " + std::to_string(i)});
      if (i % 7 == 0) both(kYoungho, chat::React{seq, "👍", true});
      if (i % 8 == 0) both(sender, chat::Delete{seq});
      if (i == 12) both(kMinji, chat::SetMember{kSunja, {}, false});
      if (i == 20) both(kMinji, chat::Retitle{"새 이름"});
      if (i == 25) both(kYoungho, chat::Read{seq - 3});
    }
  }
  void new_life() {
    world.clock.advance(2 * kYear);
    for (int i = 1; i <= 6; ++i) say(kYoungho, "새 글 " + std::to_string(i));
  }

  ArchiveLimits limits(std::int64_t events = 7) {
    return {world.clock.now() - kYear, events, 8 * 1024 * 1024, 5};
  }
  /// As the command does; how many segments.
  int archive(const ArchiveLimits& limits) {
    int made = 0;
    for (Seq after = 0;;) {
      auto segment = next(limits, after);
      if (!segment) return made;
      EXPECT_EQ(store(*segment), Archiving::done);
      after = segment->last_seq;
      ++made;
    }
  }
  std::optional<Segment> next(const ArchiveLimits& limits, Seq after = 0) {
    const auto view = sql::Transaction::begin(*db(), sql::Begin::read).value();
    const auto row = load_room(*db(), key()).value();
    return next_to_archive(*db(), key(), *row, after, limits).value();
  }
  Archiving store(const Segment& segment) { return commit(segment, upload(segment)); }
  StoredObject upload(const Segment& segment) {
    StoredObject object{object_key_of(segment), {}, 0};
    EXPECT_TRUE(announce_object(*db(), object.key, world.clock.now() + std::chrono::hours(1)));
    const auto bytes = encode(segment);
    object.sha256 = sha256_of(bytes);
    object.bytes = static_cast<std::int64_t>(bytes.size());
    EXPECT_TRUE(world.blobs.put(object.key, bytes));
    return object;
  }
  Archiving commit(const Segment& segment, const StoredObject& object) {
    return archive_segment(*db(), key(), segment, object, world.clock.now()).value();
  }

  /// Everything anybody can read of a room, as text without what differs between the two.
  std::string everything(RoomId of) {
    std::string all;
    for (const auto reader : {kYoungho, kSunja}) {
      const auto view = world.view(of, reader);
      all += "unread " + std::to_string(view.unread) + "\n";
      if (view.last_message) all += shape_of(chat::to_json(*view.last_message), of);
      for (const int limit : {9, 500}) all += log_of(of, reader, limit);
      for (const int limit : {1, 6}) all += histories(of, reader, limit, view.head.seq);
      all += messages_by(of, reader);
    }
    const Seq head = world.view(of, kMinji).head.seq;
    for (Seq seq = 1; seq <= head; seq += 3) {
      const auto message = world.wait(world.log->message(kMinji, of, seq));
      all += message ? shape_of(chat::to_json(message.value()), of) : "none\n";
    }
    return all;
  }
  void expect_same() {
    const auto ours = everything(room);
    const auto theirs = everything(twin);
    if (ours == theirs) return;
    const auto at = std::ranges::mismatch(ours, theirs).in1 - ours.begin();
    const auto from = ours.rfind('\n', static_cast<std::size_t>(at)) + 1;
    FAIL() << "archived: " << ours.substr(from, ours.find('\n', from) - from)
           << "\nand not:  " << theirs.substr(from, theirs.find('\n', from) - from);
  }
  std::vector<std::string> faults() {
    const auto row = load_room(*db(), key()).value();
    return density_faults(*db(), {key(), *row}).value();
  }

  /// In the tables or, unpacked, in the blob store.
  bool found_at_rest(const std::string& text) {
    const auto objects = world.blobs.list("").value();
    for (const auto& object : objects) {
      const auto segment = decode(world.blobs.get(object).value()).value();
      for (const auto* rows : {&segment.messages, &segment.changes}) {
        for (const auto& row : *rows) {
          for (const auto& cell : row.cells) {
            if (cell.text.find(text) != cell.text.npos) return true;
          }
        }
      }
    }
    for (const std::string table : {"message", "change_event"}) {
      auto rows =
          db()->query("SELECT COUNT(*) FROM " + table + " WHERE room_id=? AND text=?", room, text)
              .value();
      EXPECT_TRUE(rows.next().value());
      if (rows.int64(0) > 0) return true;
    }
    return false;
  }

  std::int64_t rows_in(const std::string& table) {
    auto rows = db()->query("SELECT COUNT(*) FROM " + table + " WHERE room_id=?", room).value();
    EXPECT_TRUE(rows.next().value());
    return rows.int64(0);
  }
  sql::Connection* db() {
    if (!db_) {
      const auto& owner = world.log->map()->owner_of(key().slot);
      db_ = world.shard(owner.shard == 0 ? "shard-0" : "shard-1");
    }
    return db_.get();
  }
  RoomKey key() { return {world.log->map()->slot_of(room), room}; }

  RoomId room = world.group({kYoungho});
  RoomId twin = world.group({kYoungho});

 private:
  static std::string shape_of(std::string json, RoomId room) {
    const auto id = room.str();
    for (auto at = json.find(id); at != json.npos; at = json.find(id))
      json.replace(at, id.size(), "R");
    return json + "\n";
  }
  std::string shape_of(const chat::Written& written) {
    return std::to_string(written.seq) + " " + std::to_string(written.ordinal) + " " +
           std::to_string(written.version) + " " + std::to_string(written.unread) +
           (written.duplicate ? " again" : "");
  }
  std::string log_of(RoomId of, UserId reader, int limit) {
    std::string all;
    Seq after = 0;
    while (true) {
      const auto page = world.wait(world.log->log(reader, of, after, limit));
      if (!page) return all + "no log\n";
      if (page.value().events.empty()) return all;
      for (const auto& event : page.value().events) {
        all += shape_of(chat::to_json(event), of);
        after = event.seq;
      }
      all += "--\n";
    }
  }
  std::string messages_by(RoomId of, UserId sender) {
    std::string all;
    Seq after = 0;
    while (true) {
      const auto mine = world.wait(world.log->messages_by(sender, of, after, 3));
      if (!mine || mine.value().empty()) return all;
      for (const auto& message : mine.value()) all += shape_of(chat::to_json(message), of);
      after = mine.value().back().seq;
    }
  }
  std::string histories(RoomId of, UserId reader, int limit, Seq head) {
    using Anchor = chat::HistoryQuery::Anchor;
    std::string all;
    for (const auto anchor : {Anchor::latest, Anchor::before, Anchor::after, Anchor::around}) {
      for (Seq seq = 0; seq <= head + 1; seq += 6) {
        const auto page = world.wait(world.log->history(reader, of, {anchor, seq, limit}));
        if (!page) return all + "no history\n";
        all += std::to_string(seq) + (page.value().has_older ? " older" : "") +
               (page.value().has_newer ? " newer" : "");
        for (const auto& message : page.value().messages)
          all += " " + std::to_string(message.seq) + message.text.value_or("-");
        all += "\n";
      }
    }
    return all;
  }

  std::unique_ptr<sql::Connection> db_;
};

}  // namespace respring::store
