// Any bytes: never a crash; what is accepted keeps the promises that the parser behind relies on.

#include <algorithm>
#include <string_view>

#include "fuzz.h"
#include "net/header_validator.h"

namespace {

using respring::net::HeadLimits;

/// Says in another way what an accepted head must look like.
void check_accepted(std::string_view head, const HeadLimits& limits) {
  require(head.size() <= limits.max_bytes);
  require(head.ends_with("\r\n\r\n") && head.find("\r\n\r\n") == head.size() - 4);
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    require(byte != 0 && byte != 0x7F);
    require((byte == '\r') == (i + 1 < head.size() && head[i + 1] == '\n'));
    if (i > 0 && head[i - 1] == '\n') require(byte != ' ' && byte != '\t');
  }
  const auto line = head.substr(0, head.find('\r'));
  require(std::count(line.begin(), line.end(), ' ') == 2);
  require(line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0"));
  require(line[line.find(' ') + 1] == '/');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const HeadLimits limits{2048, 512, 20};
  const std::size_t length = respring::net::head_length(bytes);
  require(length <= size);
  if (length == 0) {
    static_cast<void>(respring::net::check_partial_head(bytes, 0, limits).has_value());
    return 0;
  }
  const auto head = bytes.substr(0, length);
  if (!respring::net::check_head(head, limits)) return 0;
  check_accepted(head, limits);
  // What is accepted whole must not be refused while it arrives.
  for (std::size_t n = 1; n < head.size(); n += 7)
    require(respring::net::check_partial_head(head.substr(0, n), 0, limits).has_value());
  return 0;
}
