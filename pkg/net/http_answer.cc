#include "net/http_answer.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace respring::net {
namespace {

struct Reason {
  int status;
  std::string_view text;
};

constexpr Reason kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

std::string_view reason_of(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.text;
  }
  return "Status";
}

/// IMF-fixdate (RFC 9110 5.6.7) of now; made once a second and thread.
std::string_view date_now() {
  struct Cache {
    std::time_t second = 0;
    std::array<char, 32> text{};
    std::size_t length = 0;
  };
  thread_local Cache cache;
  const std::time_t now = std::time(nullptr);
  if (now != cache.second) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    cache.length =
        std::strftime(cache.text.data(), cache.text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    cache.second = now;
  }
  return {cache.text.data(), cache.length};
}

bool is_safe(std::string_view text) {
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return true;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_safe(name) || !is_safe(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string render_head(const Response& response, const AnswerFraming& framing) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_of(response.status)).append("\r\n");
  append_field(out, "Date", date_now());
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (response.status >= 200) {
    if (framing.chunked) {
      append_field(out, "Transfer-Encoding", "chunked");
    } else if (framing.length && has_body(response.status)) {
      append_field(out, "Content-Length", std::to_string(*framing.length));
    }
    append_field(out, "Connection", framing.keep_alive ? "keep-alive" : "close");
  }
  out.append("\r\n");
  return out;
}

std::string render_chunk(std::string_view data) {
  if (data.empty()) return "0\r\n\r\n";
  std::array<char, 20> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16).ptr;
  std::string out;
  out.reserve(data.size() + 24);
  out.append(size.data(), end).append("\r\n").append(data).append("\r\n");
  return out;
}

}  // namespace respring::net
