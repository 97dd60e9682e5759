#include <algorithm>
#include <atomic>

#include "base/ids.h"
#include "respring/bench/scenarios.h"
#include "respring/bench/wait.h"

namespace respring::cmd {
namespace {

using Clock = std::chrono::steady_clock;

/// What all receivers of one thread of the generator count together.
struct Tally {
  std::atomic<std::int64_t> ready{0};
  std::atomic<std::int64_t> delivered{0};
  std::atomic<std::int64_t> lags{0};
  std::atomic<std::int64_t> broken{0};
};

class Receiver final : public net::WsHandler {
 public:
  Receiver(Tally& tally, bool reference) : tally_(tally), reference_(reference) {}

  void on_message(std::string_view text) override {
    if (reference_ || text.starts_with(R"({"op":"event")")) {
      tally_.delivered.fetch_add(1, std::memory_order_relaxed);
    } else if (text.starts_with(R"({"op":"ready")")) {
      ++tally_.ready;
    } else if (text.starts_with(R"({"op":"lag")")) {
      ++tally_.lags;
    }
  }
  void on_closed(std::uint16_t code) override {
    if (code != 1000) ++tally_.broken;
  }

 private:
  Tally& tally_;
  bool reference_;
};

void send_burst(const std::shared_ptr<net::WsConnection>& socket, const std::string& room,
                const BenchArguments& given) {
  const std::string padding(static_cast<std::size_t>(given.bytes), 'x');
  for (std::int64_t i = 0; i < given.burst; ++i) {
    std::string frame = R"({"op":"send","ref":"x","room":")" + room + R"(","cid":")";
    frame += new_uuid().str() + R"(","text":")";
    frame += padding + R"("})";
    socket->send(net::client_text(frame));
  }
}

struct Audience {
  std::string room;
  std::vector<std::shared_ptr<net::WsConnection>> sockets;
};

/// Everybody in one room, connected and ready.
Result<Audience> gather(Target& target, const BenchArguments& given, Tally& tally) {
  Audience audience;
  const auto handler = std::make_shared<Receiver>(tally, given.reference);
  if (given.reference) {
    for (std::int64_t i = 0; i < given.connections; ++i) {
      RESPRING_TRY(auto socket, target.connect_plain(handler, target.io().next()));
      audience.sockets.push_back(std::move(socket));
    }
    return audience;
  }
  RESPRING_TRY(const auto people, target.people(static_cast<std::size_t>(given.people)));
  RESPRING_TRY(audience.room, target.group(people));
  for (std::int64_t i = 0; i < given.connections; ++i) {
    const Person& person = people[static_cast<std::size_t>(i) % people.size()];
    RESPRING_TRY(auto socket, target.connect(person, handler, target.io().next()));
    audience.sockets.push_back(std::move(socket));
  }
  RESPRING_TRYV(wait_until([&] { return tally.ready == given.connections; }));
  return audience;
}

}  // namespace

Result<void> bench_fanout(Target& target, const BenchArguments& asked, BenchReport& report) {
  BenchArguments given = asked;
  if (given.connections == 0) given.connections = 1000;
  if (given.people == 0) given.people = 50;
  Tally tally;
  RESPRING_TRY(const Audience audience, gather(target, given, tally));
  const auto& [room, sockets] = audience;
  const ServerFigures before = target.figures();
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(given.seconds);
  Histogram spread;  // from a burst's sending to its last delivery
  std::int64_t messages = 0;
  while (Clock::now() < end) {
    const auto sent_at = Clock::now();
    sockets[0]->post(
        [&audience, &given] { send_burst(audience.sockets[0], audience.room, given); });
    messages += given.burst;
    const std::int64_t all = messages * given.connections;
    RESPRING_TRYV(wait_until([&] { return tally.delivered + tally.lags >= all; }));
    spread.record(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent_at).count());
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const ServerFigures after = target.figures();
  const std::int64_t delivered = tally.delivered;
  for (const auto& socket : sockets) socket->post([socket] { socket->close(1000); });
  report.count("receivers", given.connections);
  report.count("messages", messages);
  report.count("delivered", delivered);
  report.count("missing", messages * given.connections - delivered);
  report.count("lag_frames", tally.lags);
  report.number("delivered_per_s", static_cast<double>(delivered) / seconds);
  report.latency("burst", spread);
  report.server(before, after, delivered);
  return wait_until([&] {
    return std::all_of(sockets.begin(), sockets.end(), [](const auto& s) { return !s->is_open(); });
  });
}

Result<void> bench_idle(Target& target, const BenchArguments& asked, BenchReport& report) {
  BenchArguments given = asked;
  if (given.connections == 0) given.connections = 10'000;
  if (given.people == 0) given.people = 100;
  RESPRING_TRY(const auto people, target.people(static_cast<std::size_t>(given.people)));
  for (const Person& person : people) {
    for (int i = 0; i < 3; ++i) {
      RESPRING_TRYV(target.group({person}));
    }
  }
  Tally tally;
  const auto handler = std::make_shared<Receiver>(tally, false);
  // The first connection of each person pays for what the others share.
  std::vector<std::shared_ptr<net::WsConnection>> sockets;
  ServerFigures before = target.figures();
  for (std::int64_t i = 0; i < given.connections; ++i) {
    const Person& person = people[static_cast<std::size_t>(i) % people.size()];
    RESPRING_TRY(auto socket, target.connect(person, handler, target.io().next()));
    sockets.push_back(std::move(socket));
  }
  RESPRING_TRYV(wait_until([&] { return tally.ready == given.connections; }));
  const ServerFigures after = target.figures();
  report.count("connections", given.connections);
  report.count("broken", tally.broken);
  report.number("server_bytes_per_connection", (after.resident_bytes - before.resident_bytes) /
                                                   static_cast<double>(given.connections));
  report.server(before, after, given.connections);
  for (const auto& socket : sockets) socket->post([socket] { socket->close(1000); });
  return wait_until([&] {
    return std::all_of(sockets.begin(), sockets.end(), [](const auto& s) { return !s->is_open(); });
  });
}

}  // namespace respring::cmd
