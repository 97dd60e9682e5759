#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "async/run.h"
#include "net/http_server.h"
#include "net/identity.h"
#include "net/peer_group.h"

namespace respring::net {

/// Hands WebSockets on to the nodes that serve them: the handshake is written anew and signed, and
/// from then on bytes go both ways as they are. Safe from any thread.
class Tunnels {
 public:
  /// Borrows both.
  Tunnels(PeerGroup& nodes, const IdentitySeal& seal) : nodes_(nodes), seal_(seal) {}
  ~Tunnels() { stop(); }

  /// Asks a node with the client's handshake: its refusal, or a tunnel as soon as the client's
  /// socket is there. For HttpServer's upgrade hook.
  Task<UpgradeDecision> open(Request& request);

  /// Cuts every tunnel and waits until none is left. Not from an I/O thread. Idempotent.
  void stop();
  std::size_t open_tunnels() const;

 private:
  struct Pair;
  static Task<void> carry(std::shared_ptr<Pair> pair, bool to_node);
  void begin(std::shared_ptr<Pair> pair);
  void end(const std::shared_ptr<Pair>& pair);

  PeerGroup& nodes_;
  const IdentitySeal& seal_;
  async::TaskGroup tasks_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::set<std::shared_ptr<Pair>> pairs_;
};

}  // namespace respring::net
