// An evening: people write, read and search at fixed rates, each in rooms of a few, and everybody
// listens. `loadtest/k6` makes the same one (`average`, `bench-mixed`).
#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

#include "async/run.h"
#include "base/ids.h"
#include "respring/bench/scenarios.h"
#include "respring/bench/wait.h"

namespace respring::cmd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMembers = 8;
constexpr std::size_t kMostUnderWay = 10'000;  ///< more are not begun, and counted as dropped
constexpr std::chrono::seconds kLastDeliveries{5};
constexpr std::array<std::string_view, 10> kWords = {
    "등산", "온라인커뮤니티", "다시", "봄", "건강", "여행", "사진", "손주", "요리", "텃밭"};

std::int64_t micros(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

/// What all that was asked for in one way was answered. Safe from any thread.
struct Answers {
  std::mutex mutex;
  Histogram latency;
  std::int64_t failed = 0;
  std::int64_t dropped = 0;
  std::int64_t deliveries = 0;  ///< that are due because of them
};

/// What all listeners heard. Safe from any thread.
struct Heard {
  std::atomic<std::int64_t> ready{0};
  std::atomic<std::int64_t> broken{0};
  std::mutex mutex;
  Histogram delivery;  ///< from when a message was due
};

class Listener final : public net::WsHandler {
 public:
  explicit Listener(Heard& heard) : heard_(heard) {}

  void on_message(std::string_view text) override {
    if (text.starts_with(R"({"op":"ready")")) ++heard_.ready;
    const std::size_t at = text.rfind('@');
    if (!text.starts_with(R"({"op":"event")") || at == text.npos) return;
    const std::string digits(text.substr(at + 1, 20));
    const std::int64_t due = std::strtoll(digits.c_str(), nullptr, 10);
    const std::lock_guard lock(heard_.mutex);
    heard_.delivery.record(micros(Clock::now().time_since_epoch()) - due);
  }
  void on_closed(std::uint16_t code) override {
    if (code != 1000) ++heard_.broken;
  }

 private:
  Heard& heard_;
};

struct Room {
  std::string id;
  std::vector<std::size_t> members;  ///< places among the people
  std::int64_t listeners = 0;        ///< their connections
};

struct World {
  std::vector<Person> people;
  std::vector<Room> rooms;
  std::vector<std::shared_ptr<net::WsConnection>> sockets;
};

/// A request that is due, and what its answer means.
struct Ask {
  net::ClientRequest request;
  int expected = 200;
  std::int64_t deliveries = 0;
  Clock::time_point due;
};

/// One of the members of one of the rooms, another one each time.
std::pair<const Room&, const Person&> place(const World& world, std::int64_t number) {
  const auto turn = static_cast<std::size_t>(number);
  const Room& room = world.rooms[turn % world.rooms.size()];
  const std::size_t member = room.members[turn / world.rooms.size() % room.members.size()];
  return {room, world.people[member]};
}

void sign(net::ClientRequest& request, const Person& person) {
  request.headers.add("Authorization", "Bearer " + person.token);
}

Ask make_send(const World& world, std::int64_t number, Clock::time_point due) {
  const auto& [room, person] = place(world, number);
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

Ask make_read(const World& world, std::int64_t number, Clock::time_point due) {
  const auto& [room, person] = place(world, number);
  Ask ask{{}, 200, 0, due};
  ask.request.target = "/v1/rooms/" + room.id + "/messages?limit=50";
  sign(ask.request, person);
  return ask;
}

Ask make_search(const World& world, std::int64_t number, Clock::time_point due) {
  const auto turn = static_cast<std::size_t>(number);
  Ask ask{{}, 200, 0, due};
  ask.request.target = "/v1/search?q=" + net::percent_encode(kWords[turn % kWords.size()]);
  sign(ask.request, world.people[turn % world.people.size()]);
  return ask;
}

/// What is asked for again and again: `rate` times a second, however long an answer takes.
struct Habit {
  std::string name;
  Ask (*make)(const World&, std::int64_t, Clock::time_point);
  std::int64_t rate = 0;
  Answers answers;
  std::int64_t begun = 0;

  Clock::time_point due(Clock::time_point start) const {
    return start + std::chrono::nanoseconds(1'000'000'000LL * begun / rate);
  }
};

Task<void> carry_out(Target& target, Ask ask, Answers& answers) {
  const auto deadline = ask.due + std::chrono::seconds(30);
  const auto response = co_await target.http().call(std::move(ask.request), deadline);
  const std::int64_t took = micros(Clock::now() - ask.due);
  const std::lock_guard lock(answers.mutex);
  if (response && response.value().status == ask.expected) {
    answers.latency.record(took);
    answers.deliveries += ask.deliveries;
  } else {
    ++answers.failed;
  }
}

Result<World> gather(Target& target, const BenchArguments& given, Heard& heard) {
  World world;
  RESPRING_TRY(world.people, target.people(static_cast<std::size_t>(given.people)));
  const std::size_t people = world.people.size();
  const auto connections = static_cast<std::size_t>(given.connections);
  for (std::size_t i = 0; i < static_cast<std::size_t>(given.rooms); ++i) {
    Room& room = world.rooms.emplace_back();
    std::vector<Person> members;
    for (std::size_t j = 0; j < std::min(kMembers, people); ++j) {
      const std::size_t member = (i * kMembers + j) % people;
      room.members.push_back(member);
      members.push_back(world.people[member]);
      room.listeners += static_cast<std::int64_t>((connections + people - 1 - member) / people);
    }
    RESPRING_TRY(room.id, target.group(members));
  }
  const auto handler = std::make_shared<Listener>(heard);
  for (std::size_t i = 0; i < connections; ++i) {
    RESPRING_TRY(auto socket,
                 target.connect(world.people[i % people], handler, target.io().next()));
    world.sockets.push_back(std::move(socket));
  }
  RESPRING_TRYV(wait_until([&] { return heard.ready == given.connections; }));
  return world;
}

/// Begins what is due, when it is due, until `end`; returns when all is answered.
void live(Target& target, const World& world, std::array<Habit, 3>& habits, Clock::time_point start,
          Clock::time_point end) {
  async::TaskGroup group;
  while (true) {
    Habit& next = *std::ranges::min_element(
        habits, {}, [start](const Habit& habit) { return habit.due(start); });
    const auto due = next.due(start);
    if (due >= end) break;
    std::this_thread::sleep_until(due);
    const std::int64_t number = next.begun++;
    if (group.running() >= kMostUnderWay) {
      ++next.answers.dropped;
      continue;
    }
    group.spawn(target.io().next().get_executor(),
                carry_out(target, next.make(world, number, due), next.answers));
  }
  group.wait();
}

std::int64_t heard_so_far(Heard& heard) {
  const std::lock_guard lock(heard.mutex);
  return heard.delivery.count();
}

}  // namespace

Result<void> bench_mixed(Target& target, const BenchArguments& asked, BenchReport& report) {
  BenchArguments given = asked;
  if (given.connections == 0) given.connections = 100;
  if (given.people == 0) given.people = 100;
  if (given.rate == 0) given.rate = 200;
  Heard heard;
  RESPRING_TRY(const World world, gather(target, given, heard));
  std::array<Habit, 3> habits{Habit{"send", make_send, given.rate, {}},
                              Habit{"read", make_read, (given.rate + 1) / 2, {}},
                              Habit{"search", make_search, (given.rate + 9) / 10, {}}};
  const ServerFigures before = target.figures();
  const auto start = Clock::now() + std::chrono::milliseconds(50);
  live(target, world, habits, start, start + std::chrono::seconds(given.seconds));
  const std::int64_t due = habits[0].answers.deliveries;
  const auto patience = Clock::now() + kLastDeliveries;
  while (heard_so_far(heard) < due && Clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const ServerFigures after = target.figures();
  for (const auto& socket : world.sockets) socket->post([socket] { socket->close(1000); });
  RESPRING_TRYV(wait_until([&] {
    return std::ranges::all_of(world.sockets, [](const auto& s) { return !s->is_open(); });
  }));
  report.count("connections", given.connections);
  report.count("broken", heard.broken);
  std::int64_t answered = 0;
  for (const Habit& habit : habits) {
    report.count(habit.name + "_due", habit.begun);
    report.count(habit.name + "_answered", habit.answers.latency.count());
    report.count(habit.name + "_failed", habit.answers.failed);
    report.count(habit.name + "_dropped", habit.answers.dropped);
    report.latency(habit.name, habit.answers.latency);
    answered += habit.answers.latency.count();
  }
  report.count("deliveries_due", due);
  report.count("delivered", heard.delivery.count());
  report.latency("deliver", heard.delivery);
  report.server(before, after, answered);
  return success();
}

}  // namespace respring::cmd
