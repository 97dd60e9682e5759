#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

/// A strict check of a raw HTTP/1.1 request head before any parser sees it. Two readers that
/// understand one byte stream differently are how requests are smuggled (RFC 9112 11.2), so
/// whatever could be read in two ways is refused here. Pure; after any error the connection must be
/// closed.
namespace respring::net {

struct HeadLimits {
  std::size_t max_bytes = 16 * 1024;
  std::size_t max_target = 8 * 1024;
  std::size_t max_fields = 100;
};

/// The length of the head at the front of `bytes`, its empty line included; 0 while it is
/// incomplete. `from` is how many bytes an earlier call has seen.
std::size_t head_length(std::string_view bytes, std::size_t from = 0);

/// Looks at an incomplete head, so that garbage and oversize are refused before it ends: bytes
/// before `from` were checked by an earlier call.
Result<void> check_partial_head(std::string_view bytes, std::size_t from, const HeadLimits& limits);

/// Checks a complete head: `invalid_request`, `uri_too_long`, `headers_too_large`.
Result<void> check_head(std::string_view head, const HeadLimits& limits);

}  // namespace respring::net
