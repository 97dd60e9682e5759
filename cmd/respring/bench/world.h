#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "respring/bench/histogram.h"
#include "respring/bench/load.h"
#include "respring/bench/target.h"

namespace respring::cmd {

using BenchClock = std::chrono::steady_clock;

std::int64_t micros(BenchClock::duration time);

/// What all listeners heard. Safe from any thread.
struct Heard {
  std::atomic<std::int64_t> ready{0};
  std::atomic<std::int64_t> broken{0};
  std::mutex mutex;
  Histogram delivery;  ///< from when a message was due

  /// A frame of the server. A message's text ends with "@" and when it was due.
  void note(std::string_view frame);
  std::int64_t deliveries();
};

struct Room {
  std::string id;
  std::vector<std::size_t> members;  ///< places among the people
  std::int64_t listeners = 0;        ///< their connections that stay
};

/// People, their rooms, and the connections that stay. Borrows what it tells of deliveries.
struct World {
  std::vector<Person> people;
  std::vector<Room> rooms;
  std::vector<std::shared_ptr<net::WsConnection>> sockets;

  /// One of the members of one of the rooms, another one each time.
  std::pair<const Room&, const Person&> place(std::int64_t number) const;
};

/// Makes it and waits until everybody who listens is there. Blocks.
Result<World> make_world(Target& target, const Load& load, Heard& heard);
/// Closes its connections and waits until they are. Blocks.
Result<void> close(World& world);

}  // namespace respring::cmd
