#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "net/call_deadline.h"
#include "net/http_client.h"
#include "net/identity.h"
#include "net/role_answer.h"
#include "net/router.h"

/// How a role asks another role in a different process: POST with JSON both ways, signed with the
/// caller's identity, with what is left of the deadline. An answer of the role itself is marked;
/// what a stranger, a proxy or the server below it answers can therefore never be taken for the
/// role's word ("there is no such room").
namespace respring::net {

/// The limits of a call's body (server) and of its answer (HttpClientOptions::max_body). Callers
/// cut long lists into several calls.
inline constexpr std::size_t kMaxCallBody = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxCallAnswer = 32 * 1024 * 1024;

/// `code, detail?, errors?, retry_after_ms?`: an error in full, for roles; people get problem.h.
void write_error(json::Writer& w, const Error& error);
/// Nothing when it is no error of ours.
std::optional<Error> read_error(const json::Value& value);

/// Asks one role. Borrows both; safe from any thread.
class RoleClient {
 public:
  RoleClient(HttpCaller& http, const IdentitySeal& seal,
             std::chrono::milliseconds timeout = std::chrono::seconds(10))
      : http_(http), seal_(seal), timeout_(timeout) {}

  enum class Repeat : std::uint8_t { never, allowed };  ///< whether it may arrive twice

  /// The answer's JSON, or the role's own error. `overloaded`: not sent or refused at the door.
  /// `upstream_unavailable`: no answer in time, or not the role's; it may have acted. Waits no
  /// longer than the client's time-out, whatever the deadline.
  Task<Result<json::Value>> call(std::string_view path, std::string body, Repeat repeat,
                                 Deadline deadline = Deadline::max()) const;

 private:
  HttpCaller& http_;
  const IdentitySeal& seal_;
  std::chrono::milliseconds timeout_;
};

/// A call as the role sees it: its fields, of which none may be left over.
class RoleCall {
 public:
  RoleCall(const json::Value& body, Deadline until) : fields(body), deadline(until) {}

  /// To be asked after the last field was taken. A call we do not understand comes from another
  /// version, not from a user: `internal`.
  Result<void> understood() const;

  json::Fields fields;
  Deadline deadline;
};

using RoleHandler = std::function<Task<Result<std::string>>(RoleCall&)>;

/// Serves POST at the path for callers with a good identity; the handler's text is the answer's
/// JSON. The seal must outlive the router.
void add_role_call(Router& router, std::string path, const IdentitySeal& seal, RoleHandler handler);

}  // namespace respring::net
