#include "respring/serve/role_settings.h"

#include "respring/serve/documents.h"

namespace respring::cmd {
namespace {

chat::RateLimit limit_of(const config::Rate& rate) {
  return {rate.tokens_per_second(), static_cast<double>(rate.burst)};
}

user::Limits user_limits(const Settings& s) {
  return {limit_of(s.limits.logins_per_handle), limit_of(s.limits.registrations_per_ip)};
}

gateway::Limits gateway_limits(const Settings& s) {
  return {limit_of(s.limits.requests_per_ip), limit_of(s.limits.sends_per_user)};
}

}  // namespace

user::Settings user_settings(const Settings& s) {
  user::Settings result;
  result.session_days = s.auth.session_days;
  result.single_session = s.auth.single_session;
  result.limits = user_limits(s);
  return result;
}

websocket::Settings websocket_settings(const Settings& s) {
  websocket::Settings result;
  result.heartbeat = std::chrono::seconds(s.websocket.heartbeat_seconds);
  result.lag_bytes = static_cast<std::size_t>(s.websocket.queue_bytes.count);
  result.queue_bytes = 4 * result.lag_bytes;
  result.connections_per_user =
      static_cast<std::size_t>(s.limits.connections_per_user.most.value_or(0));
  result.frames_per_connection = limit_of(s.limits.frames_per_connection);
  result.sends_per_user = limit_of(s.limits.sends_per_user);
  return result;
}

gateway::Settings gateway_settings(const Settings& s) {
  gateway::Settings result;
  result.public_url = s.public_url;
  result.allowed_origins = s.allowed_origins;
  result.web_pack = web_pack();
  result.limits = gateway_limits(s);
  for (const std::string& text : s.trusted_proxies) {
    if (const auto network = net::Network::parse(text)) result.trusted_proxies.push_back(*network);
  }
  return result;
}

}  // namespace respring::cmd
