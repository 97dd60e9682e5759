#include "respring/serve/peers.h"

#include <sodium.h>

#include "respring/peer_urls.h"
#include "respring/serve/role_table.h"

namespace respring::cmd {
namespace {

net::IdentityKeys::Key key_from(const Secret<std::string>& secret) {
  net::IdentityKeys::Key key{};
  const std::string& text = secret.reveal();
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return key;
}

const std::string* urls_of(const PeerSettings& peers, Role role) {
  switch (role) {
    case Role::user:
      return &peers.user;
    case Role::room:
      return &peers.room;
    case Role::message:
      return &peers.message;
    case Role::search:
      return &peers.search;
    case Role::websocket:
      return &peers.websocket;
    case Role::gateway:
    case Role::notification:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

net::IdentityKeys identity_keys(const ClusterSettings& settings) {
  net::IdentityKeys keys;
  keys.current = key_from(settings.key);
  if (!settings.previous_key.reveal().empty()) keys.previous = key_from(settings.previous_key);
  return keys;
}

struct Peers::Peer {
  Peer(net::PeerGroupOptions options, const net::IdentitySeal& seal)
      : group(std::move(options)), role(group, seal) {}
  net::PeerGroup group;
  net::RoleClient role;
};

std::unique_ptr<Peers::Peer> Peers::peer(Role role, const std::string& urls) const {
  net::PeerGroupOptions options;
  options.name = name_of(role);
  for (const config::Endpoint& endpoint :
       parse_peers(urls).value_or(std::vector<config::Endpoint>())) {
    net::HttpClientOptions node;
    node.host = endpoint.host;
    node.port = endpoint.port;
    node.max_body = net::kMaxCallAnswer;
    options.nodes.push_back(std::move(node));
  }
  return std::make_unique<Peer>(std::move(options), seal_);
}

Peers::Peers(const Settings& settings, const Clock& clock, async::IoPool& io)
    : seal_(identity_keys(settings.cluster), clock) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    const Role role = static_cast<Role>(i);
    if (const std::string* urls = urls_of(settings.peers, role)) peers_[role] = peer(role, *urls);
  }
  accounts_ = std::make_unique<user::AccountsClient>(peers_.at(Role::user)->role);
  lists_ = std::make_unique<room::RoomListsClient>(peers_.at(Role::room)->role);
  message::WriteLanes::Options lanes;
  lanes.executor = io.at(0).get_executor();
  log_ = std::make_unique<message::RoomLogClient>(peers_.at(Role::message)->role, std::move(lanes));
}

Peers::~Peers() = default;

net::PeerGroup* Peers::group(Role role) {
  const auto found = peers_.find(role);
  if (found == peers_.end() || found->second->group.size() == 0) return nullptr;
  return &found->second->group;
}

std::optional<std::string> missing_for(const RoleSet& roles, const Settings& s) {
  if (roles.is_all()) return std::nullopt;
  if (s.cluster.key.reveal().size() < 32) {
    return "cluster.key_file: roles that run apart need a key of 32 characters at least, the same "
           "for all of them; make one with: openssl rand -hex 32";
  }
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (!roles.has(static_cast<Role>(i))) continue;
    for (const Role asked : row_of(static_cast<Role>(i)).asks) {
      if (roles.has(asked) || !urls_of(s.peers, asked)->empty()) continue;
      return "peers." + std::string(name_of(asked)) + ": the " + std::string(kRoleNames[i]) +
             " role must know where the " + std::string(name_of(asked)) + " role listens";
    }
  }
  const auto shared = [&](std::string_view setting, const std::string& value,
                          std::initializer_list<Role> users) -> std::optional<std::string> {
    if (value != "local" || !roles.has_any(users)) return std::nullopt;
    return std::string(setting) + ": roles that run apart cannot share what is local to a process";
  };
  if (auto why =
          shared("redis.pubsub", s.redis.pubsub, {Role::user, Role::message, Role::websocket})) {
    return why;
  }
  if (auto why = shared("redis.sessions", s.redis.sessions, {Role::user})) return why;
  if (auto why =
          shared("redis.limits", s.redis.limits, {Role::gateway, Role::user, Role::websocket})) {
    return why;
  }
  return shared("bus", s.bus, {Role::room, Role::message, Role::search});
}

}  // namespace respring::cmd
