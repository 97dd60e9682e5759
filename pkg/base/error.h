#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace respring {

/// The stable error codes of the public API (docs/openapi.json, `code` of a problem). Every failure
/// that can reach a caller is one of these; adapters translate their library's errors into them.
enum class ErrorCode : std::uint8_t {
  invalid_request,
  unknown_field,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  request_timeout,
  conflict,
  cid_reused,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  headers_too_large,
  rate_limited,
  overloaded,
  slot_moving,
  internal,
  upstream_unavailable,
};

/// One field of the request and what is wrong with it (`too_long`, `required`, `unknown`, …).
struct FieldError {
  std::string field;
  std::string code;
  bool operator==(const FieldError&) const = default;
};

/// A failure as a value. `detail` is an English sentence for the caller and never holds a secret.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string detail;
  std::vector<FieldError> fields;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// `invalid_request`, `cid_reused`, … as the API spells it.
std::string_view name_of(ErrorCode code);

/// The code of that name, or nothing.
std::optional<ErrorCode> error_code_named(std::string_view name);

/// The HTTP status the API answers with for this code (RFC 9110).
int http_status_of(ErrorCode code);

/// True when what was asked did not answer or had no room: another try may go through.
bool is_out_of_reach(ErrorCode code);

/// True when the outcome of a write that failed so is unknown: it may have been stored.
bool outcome_unknown(ErrorCode code);

Error invalid(std::string detail);
Error invalid_field(std::string field, std::string code);
Error not_found(std::string detail = {});
Error forbidden(std::string detail = {});
Error internal(std::string detail);
Error overloaded(std::string detail,
                 std::chrono::milliseconds retry_after = std::chrono::seconds(1));
Error unavailable(std::string detail,
                  std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

}  // namespace respring
