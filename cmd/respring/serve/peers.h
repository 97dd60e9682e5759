#pragma once

#include <map>
#include <memory>
#include <optional>

#include "async/io_pool.h"
#include "base/time.h"
#include "net/identity.h"
#include "net/peer_group.h"
#include "respring/serve/role_set.h"
#include "respring/settings.h"
#include "services/message/client.h"
#include "services/room/client.h"
#include "services/user/client.h"

namespace respring::cmd {

/// The key that signs between processes, as the settings have it.
net::IdentityKeys identity_keys(const ClusterSettings& settings);

/// The roles that run in other processes, as this one asks them. Must outlive whoever asks; the I/O
/// threads must outlive it.
class Peers {
 public:
  Peers(const Settings& settings, const Clock& clock, async::IoPool& io);
  ~Peers();

  chat::Accounts& accounts() { return *accounts_; }
  chat::RoomLists& lists() { return *lists_; }
  chat::RoomLog& log() { return *log_; }
  const net::IdentitySeal& seal() const { return seal_; }
  /// The nodes of a role; nullptr when the settings name none.
  net::PeerGroup* group(Role role);

 private:
  struct Peer;
  std::unique_ptr<Peer> peer(Role role, const std::string& urls) const;

  net::IdentitySeal seal_;
  std::map<Role, std::unique_ptr<Peer>> peers_;
  std::unique_ptr<user::AccountsClient> accounts_;
  std::unique_ptr<room::RoomListsClient> lists_;
  std::unique_ptr<message::RoomLogClient> log_;
};

/// What is missing so that these roles can run apart from the others: one sentence, naming the
/// setting. Nothing when all is there.
std::optional<std::string> missing_for(const RoleSet& roles, const Settings& settings);

}  // namespace respring::cmd
