#include "net/handshake.h"

#include <gtest/gtest.h>

#include "net/sha1.h"

namespace respring::net {
namespace {

Request upgrade_request() {
  Request request;
  request.target = request.path = "/v1/ws";
  request.headers = {{"Host", "a"},
                     {"Upgrade", "websocket"},
                     {"Connection", "keep-alive, Upgrade"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

TEST(Sha1, KnownVectors) {
  const auto hex = [](std::string_view text) {
    std::string out;
    for (const auto byte : sha1(text)) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  };
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(std::string(1000, 'a')), "291e9a6c66994949b57ba5e650361e98fc36b1ba");
}

TEST(Handshake, FollowsTheRfcExample) {
  const Response response = websocket_handshake(upgrade_request());
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.headers.find("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(response.headers.has("sec-websocket-protocol"));
}

TEST(Handshake, EchoesTheSubprotocolOnlyWhenOffered) {
  Request request = upgrade_request();
  request.headers.add("Sec-WebSocket-Protocol", "other, respring.v1");
  EXPECT_EQ(websocket_handshake(request).headers.find("sec-websocket-protocol"), "respring.v1");
  request.headers.set("Sec-WebSocket-Protocol", "respring.v2");
  EXPECT_FALSE(websocket_handshake(request).headers.has("sec-websocket-protocol"));
}

TEST(Handshake, Refuses) {
  const auto status_with = [](const char* name, const char* value) {
    Request request = upgrade_request();
    request.headers.remove(name);
    if (value) request.headers.add(name, value);
    return websocket_handshake(request).status;
  };
  EXPECT_EQ(status_with("Upgrade", nullptr), 426);
  EXPECT_EQ(status_with("Upgrade", "h2c"), 426);
  EXPECT_EQ(status_with("Connection", "close"), 426);
  EXPECT_EQ(status_with("Sec-WebSocket-Version", "12"), 426);
  EXPECT_EQ(status_with("Sec-WebSocket-Version", nullptr), 426);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", nullptr), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "short"), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSEhIQ=="), 400);
  EXPECT_EQ(status_with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j!!=="), 400);

  Request request = upgrade_request();
  request.method = Method::post;
  EXPECT_EQ(websocket_handshake(request).status, 405);
  Request version = upgrade_request();
  version.headers.set("Sec-WebSocket-Version", "8");
  EXPECT_EQ(websocket_handshake(version).headers.find("sec-websocket-version"), "13");
  Request twice = upgrade_request();
  twice.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(websocket_handshake(twice).status, 400);
}

}  // namespace
}  // namespace respring::net
