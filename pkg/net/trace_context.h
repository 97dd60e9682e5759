#pragma once

#include <string>
#include <string_view>

namespace respring::net {

/// The trace id of a `traceparent` value (W3C Trace Context 1, 3.2), or a new one: 32 hex digits.
std::string trace_id_of(std::string_view traceparent);

}  // namespace respring::net
