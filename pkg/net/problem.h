#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

/// Errors as the API shows them: application/problem+json (RFC 9457).
namespace respring::net {

struct Request;
struct Response;

enum class Language : std::uint8_t { en, ko };

/// The better of our two languages for an Accept-Language value (RFC 9110 12.5.4); English when it
/// names neither or is empty.
Language language_of(std::string_view accept_language);

/// One short sentence for people, without a full stop in English.
std::string_view title_of(ErrorCode code, Language language);

/// Ours to mend, and so for the log: Response::fault.
bool is_fault(const Error& error);

/// What people may read of the detail: nothing of faults and of servers behind us, which name
/// addresses and databases.
std::string_view public_detail(const Error& error);

/// The answer for this error: `type, title, status, code, trace_id`, and `detail`, `instance`,
/// `errors` where there is something to say. 429 and 503 carry Retry-After in whole seconds, at
/// least 1. The detail of `internal` and `upstream_unavailable`
/// goes to `fault`, for the log.
Response problem_response(const Error& error, const Request& request);
/// The same with a status that the code does not have (426, 504).
Response problem_response(const Error& error, const Request& request, int status);

}  // namespace respring::net
