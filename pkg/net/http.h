#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/ids.h"
#include "base/result.h"
#include "net/problem.h"

/// HTTP as our services see it (RFC 9110): plain values, no library's types.
namespace respring::net {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// `GET`, `POST`, …; `OTHER` for what we do not know.
std::string_view name_of(Method method);
/// Methods are case-sensitive (RFC 9110 9.1); unknown ones are `other`.
Method method_named(std::string_view name);

/// Header fields in the order they were added; names compare without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// The value of the first field of that name. Valid until the headers change.
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;
  /// The values of all fields of that name as one list (RFC 9110 5.3); empty when there is none.
  std::string joined(std::string_view name) const;
  void add(std::string name, std::string value);
  /// Replaces every field of that name by this one.
  void set(std::string name, std::string value);
  /// Removes every field of that name.
  void remove(std::string_view name);
  /// Removes every field whose name starts so (internal headers at the gateway).
  void remove_prefix(std::string_view prefix);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

/// Who the gateway found the caller to be.
struct Principal {
  UserId user;
  SessionId session;
};

/// One request, read completely. `path` is raw: without the query and still percent-encoded.
struct Request {
  Method method = Method::get;
  std::string target;                                      ///< as sent
  std::string path;                                        ///< see split_target()
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order, repeats kept
  Headers headers;
  std::string body;
  std::string remote_ip;
  std::string trace_id;       ///< 32 hex digits, from traceparent (W3C Trace Context) or new
  std::string traceparent{};  ///< for those whom this request makes us ask; its own span
  std::optional<Principal> principal;
  bool by_cookie = false;  ///< the principal came from the session cookie
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::string peer_scheme = "http";
};

/// The answer. At most one of `body`, `file` and `stream` is used, in the order stream, file, body.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string content_type;  ///< no Content-Type when empty
  /// The body is this regular file as it is when the answer is sent.
  std::optional<std::filesystem::path> file;
  /// The body comes in chunks: the next one, or nothing at the end. An error, which can no longer
  /// be told to the client, cuts the connection.
  std::function<Task<Result<std::optional<std::string>>>()> stream;
  bool close = false;  ///< close the connection after this answer
  std::string fault;   ///< what `internal` hides from the client: for the log, never sent
};

/// `json` is a complete JSON text.
Response json_response(int status, std::string json);
Response no_content();

/// Fills `path` and `query` from `target`; the target's percent-encoding must be valid. A plus sign
/// in the query means a space (WHATWG URL).
void split_target(Request& request);

/// Percent-decoding; nothing when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// Encodes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

/// `invalid_request` or `unsupported_media_type`: a request with a body must say
/// application/json, with charset utf-8 or none. For every POST, PUT and PATCH that takes JSON.
Result<void> require_json_body(const Request& request);

/// Takes the query's parameters one by one and collects what is wrong with them; done() refuses
/// those nobody asked for (`unknown_field`) and repeated ones (`invalid_request`). Borrows the
/// request.
class Query {
 public:
  /// `allowed` names parameters that may be present without being asked for.
  explicit Query(const Request& request, std::initializer_list<std::string_view> allowed = {});

  bool has(std::string_view name) const;
  std::optional<std::string> text(std::string_view name);
  /// `fallback` when absent; `out_of_range` or `invalid` is noted otherwise.
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max,
                       std::int64_t fallback);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  template <class AnyId>
  std::optional<AnyId> id(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    auto parsed = AnyId::parse(*value);
    if (!parsed) fail(name, "invalid");
    return parsed;
  }
  /// Notes a problem that the caller found himself.
  void fail(std::string_view name, std::string_view code);

  Result<void> done() const;

 private:
  const Request& request_;
  std::vector<std::string> asked_;
  std::vector<FieldError> errors_;
};

}  // namespace respring::net
