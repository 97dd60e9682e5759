#include "base/fields.h"
#include "base/json.h"
#include "ops/rebalance/plan.h"

namespace respring::rebalance {
namespace {

Error stale(std::string why) { return {ErrorCode::conflict, std::move(why), {}, {}}; }

Result<PlanFile::Move> move_from(const json::Value& value) {
  json::Fields fields(value);
  PlanFile::Move move;
  const auto slot = fields.integer("slot");
  const auto epoch = fields.integer("epoch");
  move.from = fields.text("from").value_or("");
  move.to = fields.text("to").value_or("");
  fields.any("cost");
  RESPRING_TRYV(fields.done());
  if (*slot < 0 || *slot >= shardmap::kMostSlots) return invalid_field("slot", "out_of_range");
  move.slot.value = static_cast<std::int32_t>(*slot);
  move.epoch = *epoch;
  return move;
}

}  // namespace

std::string to_json(const PlanFile& file) {
  json::Array moves;
  for (const auto& move : file.moves) {
    moves.push_back(json::Object{
        {"slot", move.slot.value}, {"from", move.from}, {"to", move.to}, {"epoch", move.epoch}});
  }
  const json::Object all = {
      {"kind", "respring-plan"}, {"map_version", file.map_version}, {"moves", std::move(moves)}};
  return json::dump_pretty(json::Value(all)) + "\n";
}

Result<PlanFile> plan_from(std::string_view text) {
  RESPRING_TRY(const json::Value value, json::parse(text));
  if (value.as_object() == nullptr || value.string_or("kind") != "respring-plan")
    return invalid("this is no plan of respring shard plan");
  json::Fields fields(value);
  fields.any("kind");
  const auto version = fields.integer("map_version");
  const auto* moves = fields.array("moves");
  RESPRING_TRYV(fields.done());
  PlanFile file;
  file.map_version = *version;
  if (moves->size() > static_cast<std::size_t>(shardmap::kMostSlots))
    return invalid_field("moves", "too_many");
  for (const auto& entry : *moves) {
    RESPRING_TRY(auto move, move_from(entry));
    file.moves.push_back(std::move(move));
  }
  return file;
}

Result<void> check_current(const PlanFile& file, const shardmap::ShardMap& map) {
  if (file.map_version != map.version) {
    return stale("the plan was made for map version " + std::to_string(file.map_version) +
                 ", the map is now at " + std::to_string(map.version));
  }
  for (const auto& move : file.moves) {
    const auto& owner = map.owner_of(move.slot);
    const bool same =
        owner.shard >= 0 && owner.epoch == move.epoch && map.name_of(owner) == move.from;
    if (!same) {
      return stale("slot " + std::to_string(move.slot.value) + " is not where the plan has it: " +
                   move.from + ", epoch " + std::to_string(move.epoch));
    }
  }
  return success();
}

}  // namespace respring::rebalance
