#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/utf8.h"

/// The framing of RFC 6455 5, pure: bytes in, messages out, and back. No extension is spoken, text
/// only, strict in everything.
namespace respring::net {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Who reads: a server takes masked frames only, a client unmasked ones only.
enum class WsRole : std::uint8_t { server, client };

/// The close codes that we send ourselves (RFC 6455 7.4.1; the 4000s are the API's).
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kUnsupported = 1003;
inline constexpr std::uint16_t kNone = 1005;      ///< never sent: the close frame had no code
inline constexpr std::uint16_t kAbnormal = 1006;  ///< never sent: it ended without a close frame
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

/// Turns a stream of bytes into messages. Keeps a copy only of what is incomplete.
class FrameDecoder {
 public:
  struct Item {
    enum class Kind : std::uint8_t { need_more, text, ping, pong, close, fault };
    Kind kind = Kind::need_more;
    /// The message, the ping's data, the close's reason, or what is wrong. Valid until the next
    /// call and while the given bytes live.
    std::string_view payload{};
    /// Of a close (kNone without one); of a fault the code to close with.
    std::uint16_t code = 0;
  };

  FrameDecoder(WsRole role, std::size_t max_message);

  /// Takes bytes from the front of `bytes`, unmasks them in place, and returns the next item.
  /// `need_more` comes when all are used. After a close or a fault everything is ignored.
  Item next(std::span<char>& bytes);

  /// Whether a message or frame has begun and is not complete.
  bool in_message() const { return in_message_ || header_size_ != 0; }

 private:
  bool take_header(std::span<char>& bytes);
  std::size_t header_length() const;
  Item begin_frame();
  Item begin_data_frame();
  Item take_payload(std::span<char>& bytes);
  Item end_frame(std::string_view payload);
  Item end_close(std::string_view payload);
  Item fail(std::uint16_t code, std::string_view why);

  std::uint32_t max_message_;
  WsRole role_;
  bool finished_ = false;
  bool in_message_ = false;  ///< between a text frame without FIN and its last continuation
  bool in_frame_ = false;    ///< the header is read
  bool final_ = false;
  Opcode opcode_ = Opcode::text;
  std::uint8_t header_size_ = 0;
  std::uint8_t mask_offset_ = 0;
  std::uint8_t empty_fragments_ = 0;
  std::array<unsigned char, 14> header_{};
  std::array<char, 4> mask_{};
  std::uint64_t remaining_ = 0;  ///< of the frame's payload
  Utf8Checker utf8_;
  std::string message_;  ///< of an incomplete message
  std::string control_;  ///< of an incomplete control frame
};

/// A frame that is ready for the wire; shared by every socket it goes to.
using Frame = std::shared_ptr<const std::string>;

/// One whole unmasked text message, as a server sends it.
Frame frame_text(std::string_view text);

/// One unmasked frame, as a server sends it.
std::string encode_frame(Opcode opcode, std::string_view payload, bool final = true);
/// One masked frame, as a client must send it.
std::string encode_masked(Opcode opcode, std::string_view payload, std::uint32_t mask,
                          bool final = true);
/// The body of a close frame; the reason is cut to 123 bytes at a character's border.
std::string close_body(std::uint16_t code, std::string_view reason);

/// Whether a peer may send this code (RFC 6455 7.4, IANA's registry).
bool is_valid_close_code(std::uint16_t code);

}  // namespace respring::net
