#include "net/problem.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "net/http.h"
#include "net/utf8.h"

namespace respring::net {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// `q=0.8` as 800; 1000 when there is none; 0 when it is not a number.
int quality_of(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  std::string_view text = parameters.substr(at + 2);
  if (text.empty() || text[0] < '0' || text[0] > '1') return 0;
  if (text[0] == '1') return 1000;
  int value = 0;
  int scale = 100;
  text = text.substr(std::min<std::size_t>(2, text.size()));
  for (; !text.empty() && scale > 0 && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
    value += (text[0] - '0') * scale;
    scale /= 10;
  }
  return value;
}

bool names_language(std::string_view range, std::string_view language) {
  if (range.size() < 2 || (range.size() > 2 && range[2] != '-')) return false;
  return (range[0] | 0x20) == language[0] && (range[1] | 0x20) == language[1];
}

}  // namespace

Language language_of(std::string_view accept_language) {
  int korean = 0;
  int english = 0;
  // An equal quality goes to the one named first, as browsers order their list.
  bool korean_first = false;
  while (!accept_language.empty()) {
    const auto end = std::min(accept_language.find(','), accept_language.size());
    const std::string_view item = trimmed(accept_language.substr(0, end));
    accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const std::string_view range = trimmed(item.substr(0, semicolon));
    const int quality = quality_of(item.substr(semicolon));
    if (names_language(range, "ko")) {
      if (english == 0 && quality > 0) korean_first = true;
      korean = std::max(korean, quality);
    } else if (names_language(range, "en")) {
      english = std::max(english, quality);
    }
  }
  const bool prefers = korean > english || (korean == english && korean_first);
  return korean > 0 && prefers ? Language::ko : Language::en;
}

std::string_view public_detail(const Error& error) {
  const bool hides = error.code == ErrorCode::internal || error.code == ErrorCode::overloaded ||
                     error.code == ErrorCode::upstream_unavailable;
  return hides ? std::string_view() : std::string_view(error.detail);
}

bool is_fault(const Error& error) {
  return error.code == ErrorCode::internal || error.code == ErrorCode::upstream_unavailable;
}

Response problem_response(const Error& error, const Request& request) {
  return problem_response(error, request, http_status_of(error.code));
}

Response problem_response(const Error& error, const Request& request, int status) {
  const Language language = language_of(request.headers.find("accept-language").value_or(""));
  json::Writer out;
  out.begin_object()
      .field("type", "urn:respring:problem:" + std::string(name_of(error.code)))
      .field("title", title_of(error.code, language))
      .field("status", status)
      .field("code", name_of(error.code))
      .field("trace_id", request.trace_id);
  if (const auto detail = public_detail(error); !detail.empty())
    out.field("detail", as_utf8(detail));
  if (!request.path.empty()) out.field("instance", as_utf8(request.path));
  if (!error.fields.empty()) {
    out.key("errors").begin_array();
    for (const FieldError& field : error.fields)
      out.begin_object()
          .field("field", as_utf8(field.field))
          .field("code", field.code)
          .end_object();
    out.end_array();
  }
  out.end_object();

  Response response = json_response(status, out.take());
  if (is_fault(error)) response.fault = error.detail;
  response.content_type = "application/problem+json";
  response.headers.add("Content-Language", language == Language::ko ? "ko" : "en");
  if (status == 429 || status == 503) {
    const auto wait = error.retry_after.value_or(std::chrono::seconds(1));
    const auto seconds = std::max<std::int64_t>(1, (wait.count() + 999) / 1000);
    response.headers.add("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace respring::net
