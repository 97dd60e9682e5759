#include "respring/bench/load.h"

#include <algorithm>
#include <cmath>

namespace respring::cmd {
namespace {

constexpr double kMinute = 60;
constexpr double kLatencyMs = 250;
constexpr double kSearchMs = 1000;
constexpr double kDeliveryMs = 500;

/// What people notice. Less strict where the load is meant for a machine that does other things.
std::vector<Threshold> noticed(double patience) {
  return {{"failed_share", 0.001},
          {"send_p99_ms", kLatencyMs * patience},
          {"read_p99_ms", kLatencyMs * patience},
          {"search_p99_ms", kSearchMs * patience},
          {"deliver_p99_ms", kDeliveryMs * patience}};
}

Load smoke() {
  Load load{"smoke",
            "does everything work: a few people, seconds",
            "몇 사람이 몇 초 동안 모두 되는지 봐요",
            4,
            2,
            4,
            4};
  load = evening(load, 10, 8);
  load.thresholds = noticed(20);
  return load;
}

Load average() {
  Load load{"average", "a usual evening of five minutes", "여느 저녁 5분을 흉내 내요", 100, 50, 8,
            100};
  load = evening(load, 200, 5 * kMinute);
  load.thresholds = noticed(1);
  return load;
}

Load stress() {
  Load load{"stress",
            "sends rise until they take a second: where the knee is",
            "보내기가 1초 걸릴 때까지 늘려요",
            100,
            100,
            2,
            100};
  std::vector<Stage> stages{{1, 0}};
  for (const double target : {200, 400, 800, 1600, 3200}) stages.push_back({target, kMinute});
  load.sends = RatePlan(std::move(stages));
  load.knee = Knee{1000, 0.01, 30};
  return load;
}

Load spike() {
  Load load{"spike",
            "ten times the usual at once, for half a minute",
            "갑자기 열 배가 30초 동안 와요",
            100,
            50,
            4,
            100};
  load.sends = RatePlan({{1, 0}, {100, 30}, {1000, 2}, {1000, 30}, {100, 2}, {100, kMinute}});
  load.thresholds = {{"send_p99_ms", 5000}, {"failed_share", 0.05}};
  return load;
}

Load soak() {
  Load load{"soak",
            "a usual evening for four hours: leaks, growing queues",
            "여느 저녁을 네 시간 동안 이어가요",
            100,
            50,
            8,
            200};
  load = evening(load, 100, 240 * kMinute);
  load.thresholds = noticed(1);
  return load;
}

Load reconnect() {
  Load load{"reconnect",
            "500 connections that end and come again, ten times each",
            "500개의 연결이 열 번씩 끊겼다 다시 와요",
            100,
            50,
            4,
            0};
  load.sends = RatePlan::steady(50, 2 * kMinute);
  load.storm = {500, 10, 2};
  load.thresholds = {{"ready_p99_ms", 5000}, {"failed_share", 0.01}};
  return load;
}

Load search() {
  Load load{"search", "many searches among few sends", "조금 보내고 많이 찾아요", 20, 20, 8, 0};
  load.sends = RatePlan::steady(20, 3 * kMinute);
  load.reads = RatePlan::steady(20, 3 * kMinute);
  load.searches = RatePlan::steady(100, 3 * kMinute);
  load.thresholds = {{"search_p99_ms", 1000}, {"failed_share", 0.001}};
  return load;
}

RatePlan stretched(const RatePlan& plan, double factor) {
  auto stages = plan.stages();
  // As k6 does it: whole seconds, and no stage vanishes.
  for (Stage& stage : stages)
    if (stage.seconds > 0) stage.seconds = std::max(1.0, std::round(stage.seconds * factor));
  return RatePlan(std::move(stages));
}

json::Value to_json(const RatePlan& plan) {
  json::Array stages;
  for (const Stage& stage : plan.stages())
    stages.emplace_back(json::Object{{"per_s", stage.target}, {"seconds", stage.seconds}});
  return stages;
}

}  // namespace

Load evening(Load load, double rate, double seconds) {
  load.sends = RatePlan::steady(rate, seconds);
  load.reads = RatePlan::steady(std::ceil(rate / 2), seconds);
  load.searches = RatePlan::steady(std::ceil(rate / 10), seconds);
  return load;
}

const std::vector<Load>& loads() {
  static const std::vector<Load> all = {smoke(), average(),   stress(), spike(),
                                        soak(),  reconnect(), search()};
  return all;
}

Load stretched(Load load, double factor) {
  for (RatePlan* plan : {&load.sends, &load.reads, &load.searches})
    *plan = stretched(*plan, factor);
  return load;
}

json::Value to_json(const Load& load) {
  json::Array thresholds;
  for (const auto& [figure, most] : load.thresholds)
    thresholds.emplace_back(json::Object{{"figure", figure}, {"most", most}});
  json::Value knee;
  if (load.knee)
    knee = json::Object{{"p99_ms", load.knee->p99_ms},
                        {"failed_share", load.knee->failed_share},
                        {"not_before_s", load.knee->not_before}};
  const json::Object storm{{"connections", load.storm.connections},
                           {"times", load.storm.times},
                           {"stay_s", load.storm.stay}};
  return json::Object{{"scenario", load.name},
                      {"people", load.people},
                      {"rooms", load.rooms},
                      {"members", load.members},
                      {"connections", load.connections},
                      {"sends", to_json(load.sends)},
                      {"reads", to_json(load.reads)},
                      {"searches", to_json(load.searches)},
                      {"storm", load.storm.connections > 0 ? json::Value(storm) : json::Value()},
                      {"thresholds", std::move(thresholds)},
                      {"knee", std::move(knee)}};
}

}  // namespace respring::cmd
