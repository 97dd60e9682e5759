#include "services/gateway/origin.h"

namespace respring::gateway {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::string normal_origin(std::string_view url) {
  const std::string text = lower(url);
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string::npos) return {};
  const auto host = scheme_end + 3;
  std::string_view origin = std::string_view(text).substr(0, text.find_first_of("/?#", host));
  if (origin.size() == host) return {};
  const std::string_view port = origin.starts_with("https:") ? ":443" : ":80";
  if (origin.ends_with(port)) origin.remove_suffix(port.size());
  return std::string(origin);
}

OriginPolicy::OriginPolicy(std::string_view public_url, const std::vector<std::string>& allowed) {
  for (const std::string& origin : allowed) allowed_.insert(normal_origin(origin));
  allowed_.insert(normal_origin(public_url));
  allowed_.erase("");
}

bool OriginPolicy::allows(const net::Request& request) const {
  if (request.headers.count("origin") != 1) return false;
  const std::string origin = normal_origin(*request.headers.find("origin"));
  if (origin.empty()) return false;
  if (allowed_.contains(origin)) return true;
  const std::string_view host = request.headers.find("host").value_or("");
  if (host.empty()) return false;
  const bool plain = request.peer_scheme != "https";
  return origin == normal_origin("https://" + std::string(host)) ||
         (plain && origin == normal_origin("http://" + std::string(host)));
}

bool OriginPolicy::allows_cookie(const net::Request& request) const {
  if (allows(request)) return true;
  return request.headers.count("sec-fetch-site") == 1 &&
         *request.headers.find("sec-fetch-site") == "same-origin";
}

}  // namespace respring::gateway
