// Any bytes: never a crash, the same items however the bytes are cut, only valid UTF-8 comes out,
// and what comes out can be encoded and read again.

#include <string>
#include <vector>

#include "fuzz.h"
#include "net/frame_codec.h"

namespace {

using respring::net::FrameDecoder;
using respring::net::WsRole;
using Kind = FrameDecoder::Item::Kind;
constexpr std::size_t kMaxMessage = 4096;

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> decode(const std::string& bytes, WsRole role, std::size_t piece) {
  FrameDecoder decoder(role, kMaxMessage);
  std::vector<Seen> out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string part = bytes.substr(at, piece);
    std::span<char> rest(part);
    while (true) {
      const auto item = decoder.next(rest);
      if (item.kind == Kind::need_more) break;
      out.push_back({item.kind, std::string(item.payload), item.code});
    }
    require(rest.empty());
  }
  return out;
}

void check(const std::string& bytes, WsRole role, std::size_t piece) {
  const auto seen = decode(bytes, role, bytes.size() + 1);
  require(decode(bytes, role, piece) == seen);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const Seen& item = seen[i];
    const bool last = item.kind == Kind::fault || item.kind == Kind::close;
    require(!last || i + 1 == seen.size());
    if (item.kind != Kind::text) continue;
    require(item.payload.size() <= kMaxMessage && respring::net::is_utf8(item.payload));
    const std::string again =
        respring::net::encode_masked(respring::net::Opcode::text, item.payload, 0x01020304);
    const auto round = decode(again, WsRole::server, piece);
    require(round.size() == 1 && round[0] == item);
  }
}

}  // namespace

/// The first byte says how: its lowest bit the role, the rest the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(bytes, (data[0] & 1) != 0 ? WsRole::client : WsRole::server, 1 + (data[0] >> 1) % 64);
  return 0;
}
