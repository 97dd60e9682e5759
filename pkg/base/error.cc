#include "base/error.h"

#include <array>
#include <utility>

namespace respring {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int status;
};

constexpr std::array kRows = {
    Row{ErrorCode::invalid_request, "invalid_request", 400},
    Row{ErrorCode::unknown_field, "unknown_field", 400},
    Row{ErrorCode::unauthenticated, "unauthenticated", 401},
    Row{ErrorCode::forbidden, "forbidden", 403},
    Row{ErrorCode::not_found, "not_found", 404},
    Row{ErrorCode::method_not_allowed, "method_not_allowed", 405},
    Row{ErrorCode::request_timeout, "request_timeout", 408},
    Row{ErrorCode::conflict, "conflict", 409},
    Row{ErrorCode::cid_reused, "cid_reused", 409},
    Row{ErrorCode::payload_too_large, "payload_too_large", 413},
    Row{ErrorCode::uri_too_long, "uri_too_long", 414},
    Row{ErrorCode::unsupported_media_type, "unsupported_media_type", 415},
    Row{ErrorCode::headers_too_large, "headers_too_large", 431},
    Row{ErrorCode::rate_limited, "rate_limited", 429},
    Row{ErrorCode::overloaded, "overloaded", 503},
    Row{ErrorCode::slot_moving, "slot_moving", 503},
    Row{ErrorCode::internal, "internal", 500},
    Row{ErrorCode::upstream_unavailable, "upstream_unavailable", 502},
};

const Row& row_of(ErrorCode code) { return kRows[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view name_of(ErrorCode code) { return row_of(code).name; }

std::optional<ErrorCode> error_code_named(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

int http_status_of(ErrorCode code) { return row_of(code).status; }

bool is_out_of_reach(ErrorCode code) {
  return code == ErrorCode::overloaded || code == ErrorCode::upstream_unavailable;
}

bool outcome_unknown(ErrorCode code) {
  return code == ErrorCode::internal || code == ErrorCode::upstream_unavailable;
}

Error invalid(std::string detail) {
  return {ErrorCode::invalid_request, std::move(detail), {}, {}};
}

Error invalid_field(std::string field, std::string code) {
  const ErrorCode kind = code == "unknown" ? ErrorCode::unknown_field : ErrorCode::invalid_request;
  return {kind, field + ": " + code, {{field, std::move(code)}}, {}};
}

Error not_found(std::string detail) { return {ErrorCode::not_found, std::move(detail), {}, {}}; }
Error forbidden(std::string detail) { return {ErrorCode::forbidden, std::move(detail), {}, {}}; }
Error internal(std::string detail) { return {ErrorCode::internal, std::move(detail), {}, {}}; }

Error overloaded(std::string detail, std::chrono::milliseconds retry_after) {
  return {ErrorCode::overloaded, std::move(detail), {}, retry_after};
}

Error unavailable(std::string detail, std::optional<std::chrono::milliseconds> retry_after) {
  return {ErrorCode::upstream_unavailable, std::move(detail), {}, retry_after};
}

}  // namespace respring
