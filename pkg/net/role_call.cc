#include "net/role_call.h"

#include <algorithm>

#include "net/call_deadline.h"
#include "net/utf8.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// Messages carry JSON of people, which may use all of the API's nesting, inside ours.
constexpr int kNesting = json::kMaxNesting + 8;

Response answer_of(const Result<std::string>& result) {
  Response response;
  if (result) {
    response = json_response(200, result.assume_value());
  } else {
    const Error& error = result.assume_error();
    json::Writer w;
    write_error(w, error);
    response = json_response(http_status_of(error.code), w.take());
    response.content_type = "application/problem+json";
    if (is_fault(error)) response.fault = error.detail;
  }
  response.headers.add(std::string(kAnswerHeader), "1");
  return response;
}

Task<Result<Response>> serve(const IdentitySeal& seal, const RoleHandler& handler,
                             Request& request) {
  RESPRING_CO_TRYV(seal.verify(request));
  RESPRING_CO_TRYV(require_json_body(request));
  RESPRING_CO_TRY(const Deadline deadline, deadline_of(request));
  RESPRING_CO_TRY(const json::Value body, json::parse(request.body, kNesting));
  RoleCall call(body, deadline);
  const Result<std::string> result = co_await handler(call);
  co_return answer_of(result);
}

Result<json::Value> result_of(const ClientResponse& response) {
  if (auto strange = not_the_roles(response)) return *std::move(strange);
  auto value = json::parse(response.body, kNesting);
  if (!value) return unavailable("the role's answer is not JSON: " + value.error().detail);
  if (response.status == 200) return value;
  auto error = read_error(value.value());
  if (!error) return unavailable("an unknown error, status " + std::to_string(response.status));
  return *std::move(error);
}

}  // namespace

void write_error(json::Writer& w, const Error& error) {
  w.begin_object().field("code", name_of(error.code));
  if (!error.detail.empty()) w.field("detail", as_utf8(error.detail));
  if (!error.fields.empty()) {
    w.key("errors").begin_array();
    for (const FieldError& field : error.fields) {
      w.begin_object().field("field", as_utf8(field.field)).field("code", field.code).end_object();
    }
    w.end_array();
  }
  if (error.retry_after) w.field("retry_after_ms", std::int64_t{error.retry_after->count()});
  w.end_object();
}

std::optional<Error> read_error(const json::Value& value) {
  json::Fields fields(value);
  const auto code = error_code_named(fields.text("code").value_or(std::string()));
  Error error;
  error.detail = fields.text("detail", false).value_or(std::string());
  const json::Array* errors = fields.array("errors", false);
  const auto retry_after = fields.integer("retry_after_ms", false);
  if (!code || !fields.done()) return std::nullopt;
  error.code = *code;
  if (retry_after) error.retry_after = milliseconds(*retry_after);
  if (!errors) return error;
  for (const json::Value& item : *errors)
    error.fields.push_back({item.string_or("field"), item.string_or("code")});
  return error;
}

Task<Result<json::Value>> RoleClient::call(std::string_view path, std::string body, Repeat repeat,
                                           Deadline deadline) const {
  const Deadline until = std::min(deadline, Steady::now() + timeout_);
  ClientRequest request;
  request.method = Method::post;
  request.headers.add(std::string(kIdentityHeader), seal_.sign({}, Method::post, path));
  request.headers.add(std::string(kDeadlineHeader), std::to_string(left_until(until).count()));
  request.target = path;
  request.body = std::move(body);
  request.content_type = "application/json";
  request.idempotent = repeat == Repeat::allowed;
  RESPRING_CO_TRY(const ClientResponse response, co_await http_.call(std::move(request), until));
  co_return result_of(response);
}

Result<void> RoleCall::understood() const {
  auto done = fields.done();
  if (!done) return internal("a call that is not understood: " + done.error().detail);
  return success();
}

void add_role_call(Router& router, std::string path, const IdentitySeal& seal,
                   RoleHandler handler) {
  auto route = [&seal, handler = std::move(handler)](Request& request, const PathParams&) {
    return serve(seal, handler, request);
  };
  router.add(Method::post, std::move(path), FallibleHandler(std::move(route)));
}

}  // namespace respring::net
