#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace respring::net {

/// How an answer is put on the wire.
struct AnswerFraming {
  bool keep_alive = true;
  bool chunked = false;                 ///< else `length`, else the end of the connection
  std::optional<std::uint64_t> length;  ///< of the body, for HEAD too
};

/// Status line and header fields up to the empty line. Fields that would break the head (a line end
/// in a value) are left out.
std::string render_head(const Response& response, const AnswerFraming& framing);

/// One chunk of a chunked body; the last one when `data` is empty (RFC 9112 7.1).
std::string render_chunk(std::string_view data);

/// Whether an answer with this status may have a body (RFC 9110 6.4.1).
bool has_body(int status);

}  // namespace respring::net
