#include "net/trace_context.h"

#include <algorithm>

#include "base/ids.h"

namespace respring::net {
namespace {

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string trace_id_of(std::string_view traceparent) {
  if (traceparent.size() == 55 && traceparent.starts_with("00-") && traceparent[35] == '-' &&
      traceparent[52] == '-') {
    const std::string_view trace = traceparent.substr(3, 32);
    const std::string_view parent = traceparent.substr(36, 16);
    if (is_lower_hex(trace) && is_lower_hex(parent) && is_lower_hex(traceparent.substr(53)) &&
        !all_zero(trace) && !all_zero(parent))
      return std::string(trace);
  }
  std::string fresh = new_uuid().str();
  std::erase(fresh, '-');
  return fresh;
}

}  // namespace respring::net
