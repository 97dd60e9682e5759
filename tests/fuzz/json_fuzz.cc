// Any text: never a crash; what is read can be written and read again and is the same.

#include <string_view>

#include "base/json.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = respring::json::parse(text);
  if (!value) {
    require(value.error().code == respring::ErrorCode::invalid_request);
    return 0;
  }
  const std::string written = respring::json::dump(value.value());
  const auto again = respring::json::parse(written);
  require(again.has_value() && again.value() == value.value());
  require(respring::json::dump(again.value()) == written);
  return 0;
}
