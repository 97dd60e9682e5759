#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/io_pool.h"
#include "async/run.h"
#include "services/websocket/hub.h"

namespace respring::websocket {

/// The websocket role of this process: a hub for each I/O thread. Safe from any thread.
class Node {
 public:
  Node(Ports ports, Settings settings, std::string name, async::IoPool& io);
  ~Node();

  void start();
  /// A finished handshake; on the socket's own I/O thread. `session` when it came with a bearer
  /// token or cookie, else the client's hello must bring a ticket.
  void accept(net::UpgradedSocket socket, std::optional<chat::Session> session,
              net::Language language);
  /// New limits from the next frame on.
  void reload(const Settings& settings);
  /// Sends every client away, each told to come back within `spread`. Returns at once.
  void begin_drain(std::chrono::milliseconds spread);
  /// Waits until nothing runs here any more; after begin_drain(). Not from an I/O thread.
  void stop();

 private:
  void on_revoked(const std::string& payload);

  Ports ports_;
  Settings settings_;
  async::IoPool& io_;
  UserCount users_;
  async::TaskGroup tasks_;
  std::vector<std::shared_ptr<Hub>> hubs_;
  std::unique_ptr<chat::PubSub::Subscription> revocations_;
};

}  // namespace respring::websocket
