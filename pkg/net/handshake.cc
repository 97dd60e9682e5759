#include "net/handshake.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "net/sha1.h"

namespace respring::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
constexpr int kUpgradeRequired = 426;

bool same_letters(std::string_view a, std::string_view b, bool any_case) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [any_case](char x, char y) {
           const auto lower = [](char c) {
             return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
           };
           return any_case ? lower(x) == lower(y) : x == y;
         });
}

/// Whether some field of that name lists the token (RFC 9110 5.6.1).
bool lists(const Headers& headers, std::string_view name, std::string_view token, bool any_case) {
  for (const auto& [key, value] : headers) {
    if (!same_letters(key, name, true)) continue;
    std::size_t start = 0;
    while (start <= value.size()) {
      const std::size_t end = std::min(value.find(',', start), value.size());
      std::string_view item = std::string_view(value).substr(start, end - start);
      while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
      while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
      if (same_letters(item, token, any_case)) return true;
      start = end + 1;
    }
  }
  return false;
}

bool is_key(std::string_view key) {
  std::array<unsigned char, 18> bytes{};
  std::size_t length = 0;
  return key.size() == 24 &&
         sodium_base642bin(bytes.data(), bytes.size(), key.data(), key.size(), nullptr, &length,
                           nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
         length == 16;
}

Response upgrade_required(const Request& request, std::string detail) {
  Response response = problem_response(invalid(std::move(detail)), request, kUpgradeRequired);
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Sec-WebSocket-Version", "13");
  return response;
}

}  // namespace

bool wants_websocket(const Request& request) {
  return lists(request.headers, "upgrade", "websocket", true) &&
         lists(request.headers, "connection", "upgrade", true);
}

Response websocket_handshake(const Request& request) {
  if (request.method != Method::get) {
    Response response =
        problem_response({ErrorCode::method_not_allowed, "allowed here: GET", {}, {}}, request);
    response.headers.add("Allow", "GET");
    return response;
  }
  if (!wants_websocket(request)) return upgrade_required(request, "this path is a WebSocket");
  if (!request.body.empty()) return problem_response(invalid("a handshake has no body"), request);
  if (request.headers.count("sec-websocket-version") != 1 ||
      request.headers.find("sec-websocket-version") != "13")
    return upgrade_required(request, "WebSocket version 13 is needed");
  const auto key = request.headers.find("sec-websocket-key");
  if (request.headers.count("sec-websocket-key") != 1 || !is_key(*key))
    return problem_response(invalid("malformed Sec-WebSocket-Key"), request);

  Response response;
  response.status = 101;
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Connection", "Upgrade");
  response.headers.add("Sec-WebSocket-Accept", websocket_accept(*key));
  if (lists(request.headers, "sec-websocket-protocol", kSubprotocol, false))
    response.headers.add("Sec-WebSocket-Protocol", std::string(kSubprotocol));
  return response;
}

std::string websocket_accept(std::string_view key) {
  const auto digest = sha1(std::string(key) + std::string(kGuid));
  std::string text(sodium_base64_ENCODED_LEN(20, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), digest.data(), digest.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // its terminating NUL
  return text;
}

}  // namespace respring::net
