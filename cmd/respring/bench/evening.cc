// People write, read and search at the rates of a load, however long an answer takes, and others
// listen. `loadtest/k6` makes the same loads.
#include <algorithm>
#include <array>
#include <cmath>

#include "async/run.h"
#include "base/ids.h"
#include "respring/bench/scenarios.h"
#include "respring/bench/storm.h"
#include "respring/bench/wait.h"
#include "respring/bench/world.h"

namespace respring::cmd {
namespace {

constexpr std::size_t kMostUnderWay = 10'000;  ///< more are not begun, and counted as dropped
constexpr std::chrono::seconds kLastDeliveries{5};
constexpr std::array<std::string_view, 10> kWords = {
    "등산", "온라인커뮤니티", "다시", "봄", "건강", "여행", "사진", "손주", "요리", "텃밭"};

/// What all that was asked for in one way was answered. Safe from any thread.
struct Answers {
  std::mutex mutex;
  Histogram latency;
  std::int64_t failed = 0;
  std::int64_t dropped = 0;
  std::int64_t deliveries = 0;  ///< that are due because of them
};

/// A request that is due, and what its answer means.
struct Ask {
  net::ClientRequest request;
  int expected = 200;
  std::int64_t deliveries = 0;
  BenchClock::time_point due;
};

void sign(net::ClientRequest& request, const Person& person) {
  request.headers.add("Authorization", "Bearer " + person.token);
}

Ask make_send(const World& world, std::int64_t number, BenchClock::time_point due) {
  const auto& [room, person] = world.place(number);
  std::string text;
  for (const int step : {3, 7, 1}) {
    text += kWords[static_cast<std::size_t>(number * step + step) % kWords.size()];
    text += ' ';
  }
  // When it was due travels in the text, so that whoever hears it knows how long it took.
  text += std::to_string(number) + " @" + std::to_string(micros(due.time_since_epoch()));
  json::Writer w;
  w.begin_object().field("cid", new_uuid().str()).field("text", text).end_object();
  Ask ask{{}, 201, room.listeners, due};
  ask.request.method = net::Method::post;
  ask.request.target = "/v1/rooms/" + room.id + "/messages";
  ask.request.content_type = "application/json";
  ask.request.body = w.take();
  sign(ask.request, person);
  return ask;
}

Ask make_read(const World& world, std::int64_t number, BenchClock::time_point due) {
  const auto& [room, person] = world.place(number);
  Ask ask{{}, 200, 0, due};
  ask.request.target = "/v1/rooms/" + room.id + "/messages?limit=50";
  sign(ask.request, person);
  return ask;
}

Ask make_search(const World& world, std::int64_t number, BenchClock::time_point due) {
  const auto turn = static_cast<std::size_t>(number);
  Ask ask{{}, 200, 0, due};
  ask.request.target = "/v1/search?q=" + net::percent_encode(kWords[turn % kWords.size()]);
  sign(ask.request, world.people[turn % world.people.size()]);
  return ask;
}

/// What is asked for again and again, as its plan says.
struct Habit {
  std::string name;
  Ask (*make)(const World&, std::int64_t, BenchClock::time_point);
  const RatePlan& plan;
  Answers answers;
  std::int64_t begun = 0;

  BenchClock::time_point due(BenchClock::time_point start) const {
    const auto seconds = plan.due(begun);
    if (!seconds) return BenchClock::time_point::max();
    return start + std::chrono::nanoseconds(std::llround(*seconds * 1e9));
  }
};

Task<void> carry_out(Target& target, Ask ask, Answers& answers) {
  const auto deadline = ask.due + std::chrono::seconds(30);
  const auto response = co_await target.http().call(std::move(ask.request), deadline);
  const std::int64_t took = micros(BenchClock::now() - ask.due);
  const std::lock_guard lock(answers.mutex);
  if (response && response.value().status == ask.expected) {
    answers.latency.record(took);
    answers.deliveries += ask.deliveries;
  } else {
    ++answers.failed;
  }
}

using Habits = std::array<Habit, 3>;

class Evening {
 public:
  Evening(Target& target, const World& world, const Load& load, const LoadHooks& hooks)
      : target_(target),
        world_(world),
        load_(load),
        hooks_(hooks),
        habits_{Habit{"send", make_send, load.sends, {}}, Habit{"read", make_read, load.reads, {}},
                Habit{"search", make_search, load.searches, {}}} {}

  /// Begins what is due, when it is due; returns when all is answered.
  void live(BenchClock::time_point start) {
    async::TaskGroup group;
    auto look = start;
    while (!over_) {
      Habit& next = *std::ranges::min_element(
          habits_, {}, [start](const Habit& habit) { return habit.due(start); });
      const auto due = next.due(start);
      if (due == BenchClock::time_point::max()) break;
      std::this_thread::sleep_until(due);
      const std::int64_t number = next.begun++;
      if (group.running() >= kMostUnderWay) {
        ++next.answers.dropped;
        continue;
      }
      group.spawn(target_.io().next().get_executor(),
                  carry_out(target_, next.make(world_, number, due), next.answers));
      if (due < look) continue;
      look = due + std::chrono::seconds(1);
      look_around(std::chrono::duration<double>(due - start).count());
    }
    group.wait();
  }

  bool over() const { return over_; }  ///< before its time
  std::int64_t deliveries_due() const { return habits_[0].answers.deliveries; }
  const Habits& habits() const { return habits_; }
  std::optional<double> knee() const { return knee_; }  ///< sends a second that were too many

 private:
  void look_around(double seconds) {
    std::int64_t asked = 0;
    for (const Habit& habit : habits_) asked += habit.begun;
    hooks_.on_progress(asked);
    judge(seconds);
    over_ = knee_ || hooks_.stopping();
  }
  void judge(double seconds) {
    if (!load_.knee || seconds < load_.knee->not_before) return;
    Answers& sends = habits_[0].answers;
    const std::lock_guard lock(sends.mutex);
    const auto answered = static_cast<double>(sends.latency.count() + sends.failed);
    const bool slow =
        static_cast<double>(sends.latency.percentile(0.99)) / 1000 >= load_.knee->p99_ms;
    const bool refused =
        static_cast<double>(sends.failed) >= std::max(load_.knee->failed_share * answered, 1.0);
    if (slow || refused) knee_ = load_.sends.at(seconds);
  }

  Target& target_;
  const World& world_;
  const Load& load_;
  const LoadHooks& hooks_;
  Habits habits_;
  bool over_ = false;
  std::optional<double> knee_;
};

/// Tells of all that was begun; returns how much was answered.
std::int64_t tell(const Evening& evening, std::int64_t came, std::int64_t came_failed,
                  BenchReport& report) {
  std::int64_t answered = came;
  std::int64_t failed = came_failed;
  for (const Habit& habit : evening.habits()) {
    if (habit.plan.stages().empty()) continue;
    report.count(habit.name + "_due", habit.begun);
    report.count(habit.name + "_answered", habit.answers.latency.count());
    report.count(habit.name + "_failed", habit.answers.failed);
    report.count(habit.name + "_dropped", habit.answers.dropped);
    report.latency(habit.name, habit.answers.latency);
    answered += habit.answers.latency.count();
    failed += habit.answers.failed + habit.answers.dropped;
  }
  const auto all = static_cast<double>(std::max<std::int64_t>(answered + failed, 1));
  report.number("failed_share", static_cast<double>(failed) / all);
  return answered;
}

}  // namespace

Result<void> bench_load(Target& target, const Load& load, const LoadHooks& hooks,
                        BenchReport& report) {
  Heard heard;
  RESPRING_TRY(World world, make_world(target, load, heard));
  Evening evening(target, world, load, hooks);
  const ServerFigures before = target.figures();
  const auto start = BenchClock::now() + std::chrono::milliseconds(50);
  const auto end = start + std::chrono::seconds(std::llround(load.sends.seconds()));
  StormRun storm(target, world, load.storm, heard, end);
  evening.live(start);
  if (evening.over()) storm.stop();
  storm.wait();
  const std::int64_t due = evening.deliveries_due();
  const auto patience = BenchClock::now() + kLastDeliveries;
  while (heard.deliveries() < due && BenchClock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const ServerFigures after = target.figures();
  RESPRING_TRYV(close(world));
  report.count("connections", load.connections);
  if (load.storm.connections > 0) {
    report.count("came", storm.ready().count());
    report.count("came_failed", storm.failed());
    report.latency("ready", storm.ready());
  }
  report.count("broken", heard.broken);
  const std::int64_t answered = tell(evening, storm.ready().count(), storm.failed(), report);
  // Those of the storm hear what falls into their visits, nobody knows how much.
  if (load.connections > 0) report.count("deliveries_due", due);
  if (load.connections > 0 || load.storm.connections > 0) {
    report.count("delivered", heard.deliveries());
    report.latency("deliver", heard.delivery);
  }
  if (load.knee && evening.knee()) report.number("knee_per_s", *evening.knee());
  if (load.knee && !evening.knee()) report.none("knee_per_s");
  report.server(before, after, answered);
  for (const auto& [figure, most] : load.thresholds) report.threshold(figure, most);
  return success();
}

Result<void> bench_mixed(Target& target, const BenchArguments& given, BenchReport& report) {
  const double rate = given.rate == 0 ? 200 : static_cast<double>(given.rate);
  const auto seconds = static_cast<double>(given.seconds);
  Load load;
  load.people = given.people == 0 ? 100 : given.people;
  load.rooms = given.rooms;
  load.members = 8;
  load.connections = given.connections == 0 ? 100 : given.connections;
  return bench_load(target, evening(std::move(load), rate, seconds), {}, report);
}

}  // namespace respring::cmd
