#include "net/forwarding.h"

#include <array>

#include "net/call_deadline.h"
#include "net/role_answer.h"

namespace respring::net {
namespace {

constexpr std::string_view kClientHeader = "x-respring-client";
constexpr std::string_view kSchemeHeader = "x-respring-scheme";
constexpr std::string_view kHostHeader = "x-respring-host";
constexpr std::string_view kCookieHeader = "x-respring-by-cookie";
constexpr std::string_view kTraceHeader = "x-respring-trace";

constexpr std::array<std::string_view, 2> kPassedOn = {"Accept-Language", "User-Agent"};
/// Of one connection or written anew.
constexpr std::array<std::string_view, 7> kDropped = {
    "connection",        "keep-alive", "content-length", "content-type",
    "transfer-encoding", "date",       "server"};

std::string taken(Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or(""));
}

}  // namespace

ClientRequest forwarded(const Request& request, const IdentitySeal& seal) {
  ClientRequest out;
  out.method = request.method;
  out.target = request.target;
  out.streamed = true;
  const auto add = [&out](std::string_view name, std::string value) {
    out.headers.add(std::string(name), std::move(value));
  };
  for (const std::string_view name : kPassedOn) {
    if (const auto value = request.headers.find(name)) add(name, std::string(*value));
  }
  if (!request.traceparent.empty()) add("traceparent", request.traceparent);
  add(kIdentityHeader, seal.sign(request.principal, request.method, request.target));
  add(kDeadlineHeader, std::to_string(left_until(request.deadline).count()));
  add(kClientHeader, request.remote_ip);
  add(kSchemeHeader, request.peer_scheme);
  add(kHostHeader, std::string(request.headers.find("host").value_or("")));
  add(kTraceHeader, request.trace_id);
  if (request.by_cookie) add(kCookieHeader, "1");
  out.content_type = request.headers.find("content-type").value_or("");
  out.body = request.body;
  return out;
}

Result<void> take_forwarded(Request& request, const IdentitySeal& seal) {
  RESPRING_TRY(request.principal, seal.verify(request));
  RESPRING_TRY(request.deadline, deadline_of(request));
  request.remote_ip = taken(request, kClientHeader);
  request.peer_scheme = taken(request, kSchemeHeader);
  request.by_cookie = request.headers.has(kCookieHeader);
  request.trace_id = taken(request, kTraceHeader);
  request.headers.set("Host", taken(request, kHostHeader));
  request.headers.remove_prefix(kInternalPrefix);
  return success();
}

void mark_answer(Response& response) { response.headers.set(std::string(kAnswerHeader), "1"); }

Result<Response> answer_from(ClientResponse answer) {
  if (auto strange = not_the_roles(answer)) return *std::move(strange);
  Response response;
  response.status = answer.status;
  response.content_type = answer.headers.find("content-type").value_or("");
  for (const std::string_view name : kDropped) answer.headers.remove(name);
  answer.headers.remove_prefix(kInternalPrefix);
  response.headers = std::move(answer.headers);
  response.body = std::move(answer.body);
  response.stream = std::move(answer.stream);
  return response;
}

}  // namespace respring::net
