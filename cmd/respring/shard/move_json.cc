#include "respring/shard/move_run.h"

namespace respring::cmd {

using shardmap::Move;

std::string text_of_moved(const Move& move) {
  const std::string slot = std::to_string(move.slot.value);
  return move.isolates() ? slot + " → " + std::to_string(move.own.value) : slot;
}

json::Object move_json(const Move& move) {
  const bool isolates = move.isolates();
  return {{"id", move.id},
          {"slot", move.slot.value},
          {"room", isolates ? json::Value(move.room.str()) : json::Value()},
          {"own_slot", isolates ? json::Value(move.own.value) : json::Value()},
          {"from", move.source},
          {"to", move.target},
          {"state", std::string(shardmap::name_of(move.state))},
          {"settled", move.settled},
          {"stage", move.stage},
          {"wish", std::string(shardmap::name_of(move.wish))},
          {"generation", move.gen},
          {"rows", move.rows},
          {"bytes_per_second", move.pace.bytes_per_second},
          {"most_threads", move.pace.most_threads},
          {"most_lag_ms", move.pace.most_lag_ms},
          {"paused_us", move.paused_us},
          {"lease_until", to_rfc3339(move.lease_until)},
          {"created_at", to_rfc3339(move.created_at)},
          {"cause", std::string(shardmap::name_of(move.cause))},
          {"note", move.note}};
}

}  // namespace respring::cmd
