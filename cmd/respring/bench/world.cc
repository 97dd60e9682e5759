#include "respring/bench/world.h"

#include <algorithm>

#include "respring/bench/wait.h"

namespace respring::cmd {
namespace {

class Listener final : public net::WsHandler {
 public:
  explicit Listener(Heard& heard) : heard_(heard) {}

  void on_message(std::string_view text) override { heard_.note(text); }
  void on_closed(std::uint16_t code) override {
    if (code != 1000) ++heard_.broken;
  }

 private:
  Heard& heard_;
};

}  // namespace

std::int64_t micros(BenchClock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

void Heard::note(std::string_view frame) {
  if (frame.starts_with(R"({"op":"ready")")) ++ready;
  const std::size_t at = frame.rfind('@');
  if (!frame.starts_with(R"({"op":"event")") || at == std::string_view::npos) return;
  const std::string digits(frame.substr(at + 1, 20));
  const std::int64_t due = std::strtoll(digits.c_str(), nullptr, 10);
  const std::lock_guard lock(mutex);
  delivery.record(micros(BenchClock::now().time_since_epoch()) - due);
}

std::int64_t Heard::deliveries() {
  const std::lock_guard lock(mutex);
  return delivery.count();
}

std::pair<const Room&, const Person&> World::place(std::int64_t number) const {
  const auto turn = static_cast<std::size_t>(number);
  const Room& room = rooms[turn % rooms.size()];
  const std::size_t member = room.members[turn / rooms.size() % room.members.size()];
  return {room, people[member]};
}

Result<World> make_world(Target& target, const Load& load, Heard& heard) {
  World world;
  RESPRING_TRY(world.people, target.people(static_cast<std::size_t>(load.people)));
  const std::size_t people = world.people.size();
  const auto connections = static_cast<std::size_t>(load.connections);
  const auto each = static_cast<std::size_t>(load.members);
  for (std::size_t i = 0; i < static_cast<std::size_t>(load.rooms); ++i) {
    Room& room = world.rooms.emplace_back();
    std::vector<Person> members;
    for (std::size_t j = 0; j < std::min(each, people); ++j) {
      const std::size_t member = (i * each + j) % people;
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
  RESPRING_TRYV(wait_until([&] { return heard.ready == load.connections; }));
  return world;
}

Result<void> close(World& world) {
  for (const auto& socket : world.sockets) socket->post([socket] { socket->close(1000); });
  return wait_until([&] {
    return std::ranges::all_of(world.sockets, [](const auto& s) { return !s->is_open(); });
  });
}

}  // namespace respring::cmd
