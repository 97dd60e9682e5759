#include "net/header_validator.h"

#include <algorithm>
#include <array>

namespace respring::net {
namespace {

constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxContentLengthDigits = 18;  // fits 63 bits

using ByteSet = std::array<bool, 256>;

constexpr ByteSet set_of(std::string_view extra) {
  ByteSet set{};
  for (char c = '0'; c <= '9'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (const char c : extra) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr ByteSet kTokenBytes = set_of("!#$%&'*+-.^_`|~");  // RFC 9110 5.6.2
// RFC 3986's characters, and those that browsers leave as they are in a query (WHATWG URL).
constexpr ByteSet kTargetBytes = set_of("-._~:/?@!$&'()*+,;=%[]{}|^`");
constexpr ByteSet kHostBytes = set_of("-._~!$&'()*+;=%:[]");  // RFC 3986 3.2.2, one host only

bool all_in(std::string_view text, const ByteSet& set) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool equals(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

Error fault(ErrorCode code, std::string_view detail) { return {code, std::string(detail), {}, {}}; }
Error malformed(std::string_view detail) { return fault(ErrorCode::invalid_request, detail); }

bool escapes_are_valid(std::string_view target) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] != '%') continue;
    if (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2])) return false;
  }
  return true;
}

Result<bool> check_request_line(std::string_view line, const HeadLimits& limits) {
  const auto first = line.find(' ');
  if (first == std::string_view::npos) return malformed("malformed request line");
  const std::string_view method = line.substr(0, first);
  if (method.empty() || method.size() > kMaxMethod || !all_in(method, kTokenBytes))
    return malformed("malformed method");
  const auto last = line.rfind(' ');
  const std::string_view version = line.substr(last + 1);
  if (last == first) return malformed("malformed request line");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.size() > limits.max_target) return fault(ErrorCode::uri_too_long, "URL too long");
  if (target.empty() || target[0] != '/' || !all_in(target, kTargetBytes))
    return malformed("the request target must be a path");
  if (!escapes_are_valid(target)) return malformed("broken percent-encoding");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return malformed("unknown HTTP version");
  return version == "HTTP/1.1";
}

bool value_is_clean(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// What decides where the message ends and whom it is for.
struct Framing {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
};

Result<void> check_field(std::string_view line, Framing& framing) {
  if (line[0] == ' ' || line[0] == '\t') return malformed("folded header line");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed("header line without a colon");
  const std::string_view name = line.substr(0, colon);
  if (name.empty() || !all_in(name, kTokenBytes)) return malformed("malformed header name");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!value_is_clean(value)) return malformed("control byte in a header value");
  if (equals(name, "host")) {
    ++framing.hosts;
    if (value.empty() || !all_in(value, kHostBytes)) return malformed("malformed Host");
  } else if (equals(name, "content-length")) {
    ++framing.lengths;
    if (value.empty() || value.size() > kMaxContentLengthDigits ||
        !std::all_of(value.begin(), value.end(), is_digit))
      return malformed("malformed Content-Length");
  } else if (equals(name, "transfer-encoding")) {
    ++framing.encodings;
    if (value != "chunked") return malformed("unsupported Transfer-Encoding");
  }
  return success();
}

Result<void> check_framing(const Framing& framing, bool is_1_1) {
  if (framing.hosts > 1 || (is_1_1 && framing.hosts == 0))
    return malformed("exactly one Host is required");
  if (framing.lengths > 1) return malformed("repeated Content-Length");
  if (framing.encodings > 1) return malformed("repeated Transfer-Encoding");
  if (framing.encodings == 1 && framing.lengths == 1)
    return malformed("Content-Length together with Transfer-Encoding");
  if (framing.encodings == 1 && !is_1_1) return malformed("Transfer-Encoding in HTTP/1.0");
  return success();
}

}  // namespace

std::size_t head_length(std::string_view bytes, std::size_t from) {
  const auto end = bytes.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

Result<void> check_partial_head(std::string_view bytes, std::size_t from,
                                const HeadLimits& limits) {
  for (std::size_t i = from; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool after_cr = i > 0 && bytes[i - 1] == '\r';
    if (after_cr != (byte == '\n')) return malformed("bare CR or LF in the head");
    if (byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t')
      return malformed("control byte in the head");
  }
  const auto first_line = bytes.find("\r\n");
  const std::size_t line_so_far = std::min(first_line, bytes.size());
  if (line_so_far > limits.max_target + kMaxMethod + sizeof("  HTTP/1.1"))
    return fault(ErrorCode::uri_too_long, "URL too long");
  if (bytes.size() >= limits.max_bytes)
    return fault(ErrorCode::headers_too_large, "header block too large");
  return success();
}

Result<void> check_head(std::string_view head, const HeadLimits& limits) {
  if (!head.ends_with("\r\n\r\n")) return malformed("the head has no end");
  std::string_view rest = head.substr(0, head.size() - 2);  // every line ends with CRLF
  bool is_1_1 = false;
  Framing framing;
  for (std::size_t line_number = 0; !rest.empty(); ++line_number) {
    const auto end = rest.find('\r');
    if (end == std::string_view::npos || end + 1 >= rest.size() || rest[end + 1] != '\n')
      return malformed("bare CR in the head");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.find('\n') != std::string_view::npos) return malformed("bare LF in the head");
    if (line_number == 0) {
      RESPRING_TRY(is_1_1, check_request_line(line, limits));
      if (head.size() > limits.max_bytes)
        return fault(ErrorCode::headers_too_large, "header block too large");
      continue;
    }
    if (line.empty()) return malformed("empty line inside the head");
    if (line_number > limits.max_fields)
      return fault(ErrorCode::headers_too_large, "too many header fields");
    RESPRING_TRYV(check_field(line, framing));
  }
  return check_framing(framing, is_1_1);
}

}  // namespace respring::net
