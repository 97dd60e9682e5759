#include "net/frame_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace respring::net {
namespace {

using Kind = FrameDecoder::Item::Kind;

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code = 0;
  bool operator==(const Seen&) const = default;
};

/// Feeds the bytes in pieces of that size and collects what comes out.
std::vector<Seen> decode(const std::string& bytes, std::size_t piece = 1 << 20,
                         WsRole role = WsRole::server, std::size_t max_message = 64 * 1024) {
  FrameDecoder decoder(role, max_message);
  std::vector<Seen> out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string part = bytes.substr(at, piece);
    std::span<char> rest(part);
    while (true) {
      const auto item = decoder.next(rest);
      if (item.kind == Kind::need_more) break;
      out.push_back({item.kind, std::string(item.payload), item.code});
    }
    EXPECT_TRUE(rest.empty());
  }
  return out;
}

std::string masked(Opcode opcode, std::string_view payload, bool final = true) {
  return encode_masked(opcode, payload, 0x6d3c91a5, final);
}
std::string raw(std::initializer_list<int> bytes) {
  std::string out;
  for (const int b : bytes) out += static_cast<char>(b);
  return out;
}
std::string repeated(std::size_t n, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(FrameDecoder, RfcExamples) {
  // RFC 6455 5.7
  const auto hello = raw({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58});
  EXPECT_EQ(decode(hello), (std::vector<Seen>{{Kind::text, "Hello"}}));
  const auto unmasked = raw({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f});
  EXPECT_EQ(decode(unmasked, 99, WsRole::client), (std::vector<Seen>{{Kind::text, "Hello"}}));
  const auto parts = raw({0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f});
  EXPECT_EQ(decode(parts, 99, WsRole::client), (std::vector<Seen>{{Kind::text, "Hello"}}));
  EXPECT_EQ(*frame_text("Hello"), unmasked);
}

struct Refusal {
  const char* name;
  std::string bytes;
  int code;
};

std::vector<Refusal> refusals() {
  const std::string zero_mask = raw({0, 0, 0, 0});
  return {
      {"unmasked", encode_frame(Opcode::text, "x"), 1002},
      {"RSV1", raw({0xC1, 0x80}) + zero_mask, 1002},
      {"RSV2", raw({0xA1, 0x80}) + zero_mask, 1002},
      {"RSV3", raw({0x91, 0x80}) + zero_mask, 1002},
      {"opcode 3", raw({0x83, 0x80}) + zero_mask, 1002},
      {"opcode 7", raw({0x87, 0x80}) + zero_mask, 1002},
      {"opcode 11", raw({0x8B, 0x80}) + zero_mask, 1002},
      {"opcode 15", raw({0x8F, 0x80}) + zero_mask, 1002},
      {"16-bit length for 125", raw({0x81, 0xFE, 0, 125}) + zero_mask, 1002},
      {"64-bit length for 65535", raw({0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}) + zero_mask,
       1002},
      {"64-bit length with sign", raw({0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}) + zero_mask, 1002},
      {"binary", masked(Opcode::binary, "x"), 1003},
      {"nothing to continue", masked(Opcode::continuation, "x"), 1002},
      {"message inside a message", masked(Opcode::text, "a", false) + masked(Opcode::text, "b"),
       1002},
      {"continued twice",
       masked(Opcode::text, "a", false) + masked(Opcode::continuation, "b") +
           masked(Opcode::continuation, "c"),
       1002},
      {"fragmented ping", masked(Opcode::ping, "x", false), 1002},
      {"fragmented close", masked(Opcode::close, "", false), 1002},
      {"long ping", masked(Opcode::ping, std::string(126, 'x')), 1002},
      {"long close", masked(Opcode::close, std::string(126, 'x')), 1002},
      {"too big", masked(Opcode::text, std::string(65'537, 'x')), 1009},
      {"too big in parts",
       masked(Opcode::text, std::string(65'000, 'x'), false) +
           masked(Opcode::continuation, std::string(537, 'x')),
       1009},
      {"too big by its header alone", raw({0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0}) + zero_mask, 1009},
      {"empty fragments for ever",
       masked(Opcode::text, "", false) + repeated(70, masked(Opcode::continuation, "", false)),
       1008},
      {"invalid UTF-8", masked(Opcode::text, "a\xff"), 1007},
      {"overlong", masked(Opcode::text, "\xc0\xaf"), 1007},
      {"surrogate", masked(Opcode::text, "\xed\xa0\x80"), 1007},
      {"above U+10FFFF", masked(Opcode::text, "\xf4\x90\x80\x80"), 1007},
      {"cut character", masked(Opcode::text, "\xed\x95"), 1007},
      {"bad byte fails at once", masked(Opcode::text, "\xff", false), 1007},
      {"bad across fragments",
       masked(Opcode::text, "\xed", false) + masked(Opcode::continuation, "x"), 1007},
      {"close with one byte", masked(Opcode::close, "\x03"), 1002},
      {"close 999", masked(Opcode::close, close_body(999, "")), 1002},
      {"close 1004", masked(Opcode::close, close_body(1004, "")), 1002},
      {"close 1005", masked(Opcode::close, close_body(1005, "")), 1002},
      {"close 1006", masked(Opcode::close, close_body(1006, "")), 1002},
      {"close 1015", masked(Opcode::close, close_body(1015, "")), 1002},
      {"close 2999", masked(Opcode::close, close_body(2999, "")), 1002},
      {"close 5000", masked(Opcode::close, close_body(5000, "")), 1002},
      {"close with bad reason", masked(Opcode::close, close_body(1000, "") + "\xff"), 1007},
  };
}

TEST(FrameDecoder, RefusesWithTheRightCodeHoweverTheBytesAreCut) {
  for (const Refusal& c : refusals()) {
    for (const std::size_t piece : {1UL, 3UL, 1000UL, 1UL << 20}) {
      if (piece == 1 && c.bytes.size() > 1000) continue;
      const auto seen = decode(c.bytes + masked(Opcode::text, "after"), piece);
      ASSERT_FALSE(seen.empty()) << c.name;
      EXPECT_EQ(seen.back().kind, Kind::fault) << c.name << " in pieces of " << piece;
      EXPECT_EQ(seen.back().code, c.code) << c.name << " in pieces of " << piece;
    }
  }
}

TEST(FrameDecoder, AClientRefusesMaskedFrames) {
  const auto seen = decode(masked(Opcode::text, "x"), 99, WsRole::client);
  EXPECT_EQ(seen.at(0).code, 1002);
}

TEST(FrameDecoder, ControlFramesComeBetweenFragments) {
  const std::string bytes =
      masked(Opcode::text, "\xed", false) + masked(Opcode::ping, "p") +
      masked(Opcode::continuation, "\x95\x9c", false) + masked(Opcode::pong, "") +
      masked(Opcode::continuation, "\xea\xb8\x80") + masked(Opcode::text, "") +
      masked(Opcode::close, close_body(1001, "잘 가"));
  const std::vector<Seen> expected = {{Kind::ping, "p"},
                                      {Kind::pong, ""},
                                      {Kind::text, "한글"},
                                      {Kind::text, ""},
                                      {Kind::close, "잘 가", 1001}};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(decode(bytes, piece), expected);
}

TEST(FrameDecoder, TakesTheLargestMessage) {
  const std::string text(65'536, 'x');
  EXPECT_EQ(decode(masked(Opcode::text, text)), (std::vector<Seen>{{Kind::text, text}}));
  const std::string parts =
      masked(Opcode::text, text.substr(0, 65'535), false) + masked(Opcode::continuation, "x");
  EXPECT_EQ(decode(parts, 777), (std::vector<Seen>{{Kind::text, text}}));
}

TEST(FrameDecoder, IsSilentAfterTheEnd) {
  const auto seen = decode(masked(Opcode::close, "") + masked(Opcode::text, "late"));
  EXPECT_EQ(seen, (std::vector<Seen>{{Kind::close, "", close_code::kNone}}));
}

TEST(FrameDecoder, HoldsNothingBetweenMessages) {
  FrameDecoder decoder(WsRole::server, 64 * 1024);
  std::string bytes = masked(Opcode::text, "abc");
  std::span<char> rest(bytes);
  EXPECT_FALSE(decoder.in_message());
  auto part = rest.first(4);
  decoder.next(part);
  EXPECT_TRUE(decoder.in_message());
  part = rest.subspan(4);
  EXPECT_EQ(decoder.next(part).payload, "abc");
  EXPECT_FALSE(decoder.in_message());
}

TEST(CloseBody, CutsTheReasonBetweenCharacters) {
  std::string reason;
  for (int i = 0; i < 50; ++i) reason += "가";
  const std::string body = close_body(1000, reason);
  EXPECT_EQ(body.size(), 2U + 123);
  EXPECT_TRUE(is_utf8(std::string_view(body).substr(2)));
}

TEST(FrameCodec, RoundTrip) {
  const auto holds = rc::check("what is encoded comes out again, in any pieces", [] {
    const auto texts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)));
    const auto mask = *rc::gen::arbitrary<std::uint32_t>();
    const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
    const auto cut = *rc::gen::inRange<std::size_t>(0, 20);
    std::string bytes;
    std::vector<Seen> expected;
    for (const auto& text : texts) {
      const auto at = std::min(cut, text.size());
      bytes += encode_masked(Opcode::text, text.substr(0, at), mask, false);
      bytes += encode_masked(Opcode::continuation, text.substr(at), mask + 1);
      expected.push_back({Kind::text, text});
    }
    RC_ASSERT(decode(bytes, piece) == expected);
  });
  EXPECT_TRUE(holds);
}

TEST(FrameCodec, AnyBytesAreSurvivedAndCuttingChangesNothing) {
  const auto holds = rc::check("the same items whatever the pieces", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto piece = *rc::gen::inRange<std::size_t>(1, 10);
    RC_ASSERT(decode(bytes, piece) == decode(bytes));
  });
  EXPECT_TRUE(holds);
}

TEST(Utf8, EchoesOnlyWhatIsValid) {
  EXPECT_EQ(as_utf8("한a\xff\xed\x95z"), "한a???z");
  EXPECT_EQ(as_utf8("\xed"), "?");
  EXPECT_TRUE(is_utf8("\xf0\x9f\x91\x8d"));
}

}  // namespace
}  // namespace respring::net
