#include "elasticsearch/client.h"

#include <charconv>

namespace respring::elasticsearch {
namespace {

net::HttpClientOptions http_options(const Options& options) {
  net::HttpClientOptions out;
  out.host = options.host;
  out.port = options.port;
  out.max_connections = options.connections;
  return out;
}

/// RFC 4648, for the login (RFC 7617).
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

/// The first two numbers of 7.17.29.
std::pair<int, int> numbers_of(std::string_view version) {
  int major = 0;
  int minor = 0;
  const char* end = version.data() + version.size();
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ptr != end) std::from_chars(first.ptr + 1, end, minor);
  return {major, minor};
}

/// The kinds of the errors; not their reasons, which may repeat what people wrote.
std::string kinds_of(const json::Value& body) {
  const auto* error = body.find("error");
  if (error == nullptr) return "";
  const auto* cause = error->find("caused_by");
  const std::string deeper = cause == nullptr ? "" : cause->string_or("type");
  return " " + error->string_or("type") + (deeper.empty() ? "" : ", because of " + deeper);
}

}  // namespace

std::string Answer::error_type() const {
  const auto* error = body.find("error");
  return error == nullptr ? "" : error->string_or("type");
}

Client::Client(const Options& options)
    : http_(http_options(options)),
      where_("http://" + options.host + ":" + std::to_string(options.port)) {
  if (!options.user.empty())
    authorization_ = "Basic " + base64(options.user + ":" + options.password.reveal());
}

Task<Result<Answer>> Client::call(Call call, Deadline deadline) {
  net::ClientRequest request;
  request.method = call.method;
  request.target = std::move(call.target);
  request.body = std::move(call.body);
  request.idempotent = call.idempotent;
  if (!request.body.empty())
    request.content_type = call.lines ? "application/x-ndjson" : "application/json";
  if (!authorization_.empty()) request.headers.add("Authorization", authorization_);
  auto response = co_await http_.call(std::move(request), deadline);
  if (!response) {
    Error error = std::move(response).error();
    error.detail = "the search engine does not answer: " + error.detail;
    co_return error;
  }
  Answer answer;
  answer.status = response.value().status;
  auto body = json::parse(response.value().body);
  if (body) answer.body = std::move(body).value();
  co_return answer;
}

Task<Result<Answer>> Client::require(Call call, Deadline deadline) {
  RESPRING_CO_TRY(auto answer, co_await this->call(std::move(call), deadline));
  if (!answer.ok()) co_return refusal(answer);
  co_return answer;
}

Task<Result<Engine>> Client::detect(Deadline deadline) {
  Call root;
  root.target = "/";
  RESPRING_CO_TRY(const auto answer, co_await require(std::move(root), deadline));
  const auto* version = answer.body.find("version");
  Engine engine;
  if (version != nullptr) {
    engine.version = version->string_or("number");
    engine.opensearch = version->string_or("distribution") == "opensearch";
  }
  if (engine.version.empty())
    co_return unavailable("what answers at " + where_ + " is neither Elasticsearch nor OpenSearch");
  const std::pair<int, int> oldest = engine.opensearch ? std::pair(1, 0) : std::pair(7, 10);
  if (numbers_of(engine.version) < oldest) {
    co_return unavailable(engine.str() + " at " + where_ +
                          " is too old: Elasticsearch from 7.10 on, or OpenSearch, is needed");
  }
  co_return engine;
}

Error Client::refusal(const Answer& answer) const {
  const std::string said =
      where_ + " answered " + std::to_string(answer.status) + kinds_of(answer.body);
  if (answer.status == 401 || answer.status == 403) {
    return unavailable("the search engine at " + where_ +
                       " refuses our login: correct the user and the password in the setting "
                       "`search`");
  }
  if (answer.status == 429) return overloaded("the search engine is busy: " + said);
  if (answer.error_type() == "index_not_found_exception") {
    return unavailable("the search index is missing: `respring search reindex` builds it; " + said);
  }
  if (answer.status >= 500) return unavailable("the search engine cannot: " + said);
  return internal("the search engine refused a request: " + said);
}

}  // namespace respring::elasticsearch
