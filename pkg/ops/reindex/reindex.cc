#include "ops/reindex/reindex.h"

#include "base/json.h"

namespace respring::reindex {
namespace {

constexpr int kRoomsAtOnce = 200;
constexpr int kDocumentsAtOnce = 500;

std::optional<Stage> stage_named(std::string_view name) {
  for (const Stage stage : {Stage::rooms, Stage::leftovers, Stage::done}) {
    if (name_of(stage) == name) return stage;
  }
  return std::nullopt;
}

/// False when it is to stop in the middle of the room: the room is then done anew.
Result<bool> index_room(Source& source, chat::SearchIndex& index, const Room& room,
                        Checkpoint& checkpoint, const Hooks& hooks) {
  RESPRING_TRYV(index.clear(room.place.room));
  const std::int64_t before = checkpoint.documents;
  Seq after = 0;
  while (true) {
    RESPRING_TRY(const auto documents, source.documents(room, after, kDocumentsAtOnce));
    if (documents.empty()) break;
    RESPRING_TRYV(index.write(documents));
    after = documents.back().seq;
    checkpoint.documents += static_cast<std::int64_t>(documents.size());
    hooks.on_progress(checkpoint);
    if (hooks.stopping()) {
      checkpoint.documents = before;
      return false;
    }
  }
  checkpoint.after = room.place;
  ++checkpoint.rooms;
  return true;
}

/// One page of rooms; false when it is to stop.
Result<bool> rooms_stage(Source& source, chat::SearchIndex& index, Checkpoint& checkpoint,
                         const Hooks& hooks) {
  RESPRING_TRY(const auto rooms, source.rooms(checkpoint.after, kRoomsAtOnce));
  for (const Room& room : rooms) {
    RESPRING_TRY(const bool whole, index_room(source, index, room, checkpoint, hooks));
    if (!whole) return false;
    hooks.on_progress(checkpoint);
    if (hooks.stopping()) return false;
  }
  if (rooms.size() < kRoomsAtOnce) checkpoint.stage = Stage::leftovers;
  return true;
}

Result<bool> leftovers_stage(Source& source, chat::SearchIndex& index, Checkpoint& checkpoint,
                             const Hooks& hooks) {
  RESPRING_TRY(const auto rooms, source.leftovers(checkpoint.cleared, kRoomsAtOnce));
  for (const RoomId room : rooms) {
    RESPRING_TRYV(index.clear(room));
    checkpoint.cleared = room;
    if (hooks.stopping()) return false;
  }
  if (rooms.empty()) checkpoint.stage = Stage::done;
  return true;
}

}  // namespace

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::rooms:
      return "rooms";
    case Stage::leftovers:
      return "leftovers";
    case Stage::done:
      return "done";
  }
  return {};
}

std::string to_json(const Checkpoint& c) {
  return json::dump(json::Object{{"job", c.job},
                                 {"begun", to_ms(c.begun)},
                                 {"stage", std::string(name_of(c.stage))},
                                 {"shard", c.after.shard},
                                 {"slot", c.after.slot},
                                 {"room", c.after.room.value},
                                 {"cleared", c.cleared.value},
                                 {"rooms", c.rooms},
                                 {"documents", c.documents}});
}

Result<Checkpoint> checkpoint_from(std::string_view text) {
  RESPRING_TRY(const json::Value value, json::parse(text));
  const auto stage = stage_named(value.string_or("stage"));
  if (!stage || value.string_or("job").empty()) return invalid("this is no checkpoint");
  Checkpoint c;
  c.job = value.string_or("job");
  c.begun = from_ms(value.int_or("begun"));
  c.stage = *stage;
  c.after = {static_cast<int>(value.int_or("shard")), static_cast<int>(value.int_or("slot", -1)),
             RoomId{value.int_or("room")}};
  c.cleared = RoomId{value.int_or("cleared")};
  c.rooms = value.int_or("rooms");
  c.documents = value.int_or("documents");
  return c;
}

Result<void> run(Source& source, chat::SearchIndex& index, Checkpoint& checkpoint,
                 const Hooks& hooks) {
  while (checkpoint.stage != Stage::done) {
    auto* const step = checkpoint.stage == Stage::rooms ? &rooms_stage : &leftovers_stage;
    RESPRING_TRY(const bool go_on, step(source, index, checkpoint, hooks));
    if (!go_on) return success();
  }
  return success();
}

}  // namespace respring::reindex
