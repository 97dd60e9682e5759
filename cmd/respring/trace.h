#pragma once

#include <optional>
#include <vector>

#include "local/inspect.h"
#include "respring/shards.h"

namespace respring::cmd {

/// One message's life as the stores tell it, each asked at its own moment.
struct Trace {
  store::RoomKey key;
  Seq seq = 0;
  std::string shard;
  std::optional<store::SlotRow> fence;  ///< what that shard says about the slot
  RoomEpoch room_epoch = 0;
  Seq head = 0;
  bool room_closed = false;
  chat::Message message;
  std::vector<store::LaterEvent> later;  ///< edits, deletion, reactions
  std::string not_listed;                ///< which of them are missing above; empty: none
  std::optional<bool> in_outbox;         ///< not yet handed to the event log; nothing: not known
  std::optional<local::BusPlace> bus;    ///< nothing: there is no event log yet
  bool bus_keeps_by_time = false;        ///< whoever may not be done with it
  bool index_known = false;              ///< the index could be asked
  std::optional<local::IndexedMessage> indexed;
  store::Readership readers;
  std::vector<std::string> blind;  ///< what could not be asked, one sentence each
};

/// Where a message is asked for: `room:seq`, or a client id, which every shard is searched for.
Result<std::vector<std::pair<store::RoomKey, Seq>>> places_of(Shards& shards,
                                                              const std::string& message);

/// `not_found` when that seq is no message.
Result<Trace> trace_message(const Site& site, Shards& shards, const store::RoomKey& key, Seq seq);

}  // namespace respring::cmd
