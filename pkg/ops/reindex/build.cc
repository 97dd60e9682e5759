#include "ops/reindex/build.h"

namespace respring::reindex {

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::scanning:
      return "scanning";
    case Phase::following:
      return "following";
    case Phase::switching:
      return "switching";
    case Phase::complete:
      return "complete";
  }
  return {};
}

json::Value to_json(const Build& b) {
  json::Object out = {{"job", b.job},
                      {"begun", to_ms(b.begun)},
                      {"phase", std::string(name_of(b.phase))},
                      {"shard", b.done.place.shard},
                      {"slot", b.done.place.slot},
                      {"room", b.done.place.room.value},
                      {"seq", b.done.seq},
                      {"documents", b.documents},
                      {"events", json::Array(b.events.begin(), b.events.end())}};
  if (b.kept_until) out.emplace_back("kept_until", to_ms(*b.kept_until));
  return out;
}

Result<Build> build_from(const json::Value& value) {
  Build b;
  b.job = value.string_or("job");
  if (b.job.empty()) return invalid("this is no build");
  bool known = false;
  for (const Phase phase : {Phase::scanning, Phase::following, Phase::switching, Phase::complete}) {
    if (value.string_or("phase") != name_of(phase)) continue;
    b.phase = phase;
    known = true;
  }
  if (!known) return invalid("this is no build of this version");
  b.begun = from_ms(value.int_or("begun"));
  b.done.place = {static_cast<int>(value.int_or("shard")),
                  static_cast<int>(value.int_or("slot", -1)), RoomId{value.int_or("room")}};
  b.done.seq = value.int_or("seq");
  b.documents = value.int_or("documents");
  if (const auto* events = value.find("events"); events != nullptr && events->as_array()) {
    for (const auto& position : *events->as_array())
      b.events.push_back(position.as_int().value_or(0));
  }
  if (value.find("kept_until") != nullptr) b.kept_until = from_ms(value.int_or("kept_until"));
  return b;
}

}  // namespace respring::reindex
