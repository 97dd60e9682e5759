#include "net/frame_codec.h"

#include <algorithm>
#include <cstring>

namespace respring::net {
namespace {

constexpr std::uint8_t kMaxEmptyFragments = 64;  // of one message: they cost us and say nothing
constexpr std::size_t kMaxControl = 125;

void release(std::string& text) {
  if (!text.empty()) std::string().swap(text);
}

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// XORs the bytes with the mask, which begins at its `offset`-th byte; eight at a time.
void apply_mask(std::span<char> bytes, const std::array<char, 4>& mask, std::size_t offset) {
  std::array<char, 8> key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = mask[(offset + i) % 4];
  std::uint64_t word_key = 0;
  std::memcpy(&word_key, key.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= word_key;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % 8]);
}

void append_header(std::string& out, Opcode opcode, std::size_t size, bool final, bool masked) {
  out += static_cast<char>((final ? 0x80 : 0) | static_cast<int>(opcode));
  const int mask_bit = masked ? 0x80 : 0;
  int extra = 0;
  if (size <= 125) {
    out += static_cast<char>(mask_bit | static_cast<int>(size));
  } else if (size <= 0xFFFF) {
    out += static_cast<char>(mask_bit | 126);
    extra = 2;
  } else {
    out += static_cast<char>(mask_bit | 127);
    extra = 8;
  }
  for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(std::uint64_t{size} >> shift);
}

}  // namespace

FrameDecoder::FrameDecoder(WsRole role, std::size_t max_message)
    : max_message_(static_cast<std::uint32_t>(max_message)), role_(role) {}

FrameDecoder::Item FrameDecoder::next(std::span<char>& bytes) {
  // What the last item showed is no longer needed; an idle connection must hold nothing.
  if (!in_message_) release(message_);
  if (!in_frame_) release(control_);
  while (!finished_) {
    if (!in_frame_) {
      if (!take_header(bytes)) return {};
      const Item refused = begin_frame();
      if (refused.kind == Item::Kind::fault) return refused;
    }
    const bool was_last = remaining_ <= bytes.size();
    const Item item = take_payload(bytes);
    if (item.kind != Item::Kind::need_more || !was_last) return item;
  }
  bytes = {};
  return {};
}

std::size_t FrameDecoder::header_length() const {
  if (header_size_ < 2) return 2;
  const int length = header_[1] & 0x7F;
  const std::size_t extra = length == 127 ? 8 : length == 126 ? 2 : 0;
  return 2 + extra + ((header_[1] & 0x80) != 0 ? 4 : 0);
}

bool FrameDecoder::take_header(std::span<char>& bytes) {
  while (header_size_ < header_length()) {
    if (bytes.empty()) return false;
    header_[header_size_++] = static_cast<unsigned char>(bytes.front());
    bytes = bytes.subspan(1);
  }
  return true;
}

FrameDecoder::Item FrameDecoder::begin_frame() {
  using namespace close_code;
  if ((header_[0] & 0x70) != 0) return fail(kProtocolError, "reserved bits set");
  if (!is_known(header_[0] & 0x0F)) return fail(kProtocolError, "unknown opcode");
  opcode_ = static_cast<Opcode>(header_[0] & 0x0F);
  final_ = (header_[0] & 0x80) != 0;
  const bool masked = (header_[1] & 0x80) != 0;
  if (masked != (role_ == WsRole::server))
    return fail(kProtocolError, masked ? "masked frame" : "unmasked frame");

  const int short_length = header_[1] & 0x7F;
  const std::size_t extra = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
  remaining_ = static_cast<std::uint64_t>(short_length);
  if (extra != 0) {
    remaining_ = 0;
    for (std::size_t i = 0; i < extra; ++i) remaining_ = remaining_ << 8 | header_[2 + i];
    const std::uint64_t least = extra == 2 ? 126 : 0x1'0000;
    if (remaining_ < least || remaining_ >> 63 != 0) return fail(kProtocolError, "bad length");
  }
  if (masked) std::memcpy(mask_.data(), header_.data() + 2 + extra, mask_.size());
  mask_offset_ = 0;
  header_size_ = 0;
  in_frame_ = true;
  if (!is_control(opcode_)) return begin_data_frame();
  if (!final_) return fail(kProtocolError, "fragmented control frame");
  if (remaining_ > kMaxControl) return fail(kProtocolError, "control frame too long");
  return {};
}

FrameDecoder::Item FrameDecoder::begin_data_frame() {
  using namespace close_code;
  if (opcode_ == Opcode::binary) return fail(kUnsupported, "binary message");
  if ((opcode_ == Opcode::continuation) != in_message_)
    return fail(kProtocolError, in_message_ ? "message inside a message" : "nothing to continue");
  if (remaining_ > max_message_ - message_.size()) return fail(kTooBig, "message too big");
  if (opcode_ == Opcode::text) {
    utf8_.reset();
    empty_fragments_ = 0;
  }
  if (remaining_ == 0 && !final_ && ++empty_fragments_ > kMaxEmptyFragments)
    return fail(kPolicy, "too many empty fragments");
  in_message_ = true;
  return {};
}

FrameDecoder::Item FrameDecoder::take_payload(std::span<char>& bytes) {
  const std::size_t size =
      static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  const std::span<char> piece = bytes.first(size);
  bytes = bytes.subspan(size);
  if (role_ == WsRole::server) apply_mask(piece, mask_, mask_offset_);
  mask_offset_ = static_cast<std::uint8_t>((mask_offset_ + size) % 4);
  remaining_ -= size;
  const std::string_view text(piece.data(), piece.size());
  const bool control = is_control(opcode_);
  if (!control && !utf8_.feed(text)) return fail(close_code::kInvalidText, "invalid UTF-8");

  std::string& kept = control ? control_ : message_;
  const bool whole = remaining_ == 0 && (control || final_);
  if (whole && kept.empty()) return end_frame(text);  // nothing needs to be copied
  kept += text;
  if (remaining_ != 0) return {};
  return end_frame(kept);
}

FrameDecoder::Item FrameDecoder::end_frame(std::string_view payload) {
  using Kind = Item::Kind;
  in_frame_ = false;
  if (is_control(opcode_)) {
    if (opcode_ == Opcode::close) return end_close(payload);
    return {opcode_ == Opcode::ping ? Kind::ping : Kind::pong, payload, 0};
  }
  if (!final_) return {};
  in_message_ = false;
  if (!utf8_.complete()) return fail(close_code::kInvalidText, "text ends inside a character");
  return {Kind::text, payload, 0};
}

FrameDecoder::Item FrameDecoder::end_close(std::string_view payload) {
  using namespace close_code;
  if (payload.empty()) {
    finished_ = true;
    return {Item::Kind::close, {}, kNone};
  }
  if (payload.size() == 1) return fail(kProtocolError, "close code cut short");
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                               static_cast<unsigned char>(payload[1]));
  if (!is_valid_close_code(code)) return fail(kProtocolError, "invalid close code");
  if (!is_utf8(payload.substr(2))) return fail(kInvalidText, "invalid UTF-8 in the close reason");
  finished_ = true;
  return {Item::Kind::close, payload.substr(2), code};
}

FrameDecoder::Item FrameDecoder::fail(std::uint16_t code, std::string_view why) {
  finished_ = true;
  return {Item::Kind::fault, why, code};
}

std::string encode_frame(Opcode opcode, std::string_view payload, bool final) {
  std::string out;
  out.reserve(payload.size() + 10);
  append_header(out, opcode, payload.size(), final, false);
  out += payload;
  return out;
}

Frame frame_text(std::string_view text) {
  return std::make_shared<const std::string>(encode_frame(Opcode::text, text));
}

std::string encode_masked(Opcode opcode, std::string_view payload, std::uint32_t mask, bool final) {
  std::string out;
  out.reserve(payload.size() + 14);
  append_header(out, opcode, payload.size(), final, true);
  std::array<char, 4> key{};
  std::memcpy(key.data(), &mask, key.size());
  out.append(key.data(), key.size());
  const std::size_t start = out.size();
  out += payload;
  apply_mask(std::span<char>(out).subspan(start), key, 0);
  return out;
}

std::string close_body(std::uint16_t code, std::string_view reason) {
  std::size_t length = std::min(reason.size(), kMaxControl - 2);
  while (length > 0 && length < reason.size() &&
         (static_cast<unsigned char>(reason[length]) & 0xC0) == 0x80)
    --length;
  std::string body;
  body += static_cast<char>(code >> 8);
  body += static_cast<char>(code & 0xFF);
  body += reason.substr(0, length);
  return body;
}

bool is_valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace respring::net
