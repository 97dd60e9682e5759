#include "net/http.h"

#include <algorithm>
#include <array>

#include "net/cut.h"

namespace respring::net {
namespace {

constexpr std::array<std::string_view, 8> kMethodNames = {"GET",   "HEAD",   "POST",    "PUT",
                                                          "PATCH", "DELETE", "OPTIONS", "OTHER"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string_view name_of(Method method) { return kMethodNames[static_cast<std::size_t>(method)]; }

Method method_named(std::string_view name) {
  const auto last = kMethodNames.end() - 1;
  const auto found = std::find(kMethodNames.begin(), last, name);
  return static_cast<Method>(found - kMethodNames.begin());
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string list;
  for (const auto& [key, value] : fields_) {
    if (!equal_ignoring_case(key, name)) continue;
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(),
                    [&](const Field& field) { return equal_ignoring_case(field.first, name); }));
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_,
                [&](const Field& field) { return equal_ignoring_case(field.first, name); });
}

void Headers::remove_prefix(std::string_view prefix) {
  std::erase_if(fields_, [&](const Field& field) {
    return equal_ignoring_case(std::string_view(field.first).substr(0, prefix.size()), prefix);
  });
}

Response json_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.body = std::move(json);
  response.content_type = "application/json";
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

void split_target(Request& request) {
  const auto [path, query] = cut(request.target, '?');
  request.path = std::string(path);
  request.query.clear();
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto [pair, others] = cut(rest, '&');
    rest = others;
    if (pair.empty()) continue;
    const auto [raw_name, raw_value] = cut(pair, '=');
    auto name = percent_decode(raw_name, true);
    auto value = percent_decode(raw_value, true);
    if (name && value) request.query.emplace_back(std::move(*name), std::move(*value));
  }
}

Result<void> require_json_body(const Request& request) {
  if (request.body.empty()) return success();
  const std::string_view type = request.headers.find("content-type").value_or("");
  const auto semicolon = type.find(';');
  bool json = equal_ignoring_case(trimmed(type.substr(0, semicolon)), "application/json");
  if (json && semicolon != std::string_view::npos) {
    const std::string_view parameter = trimmed(type.substr(semicolon + 1));
    json = parameter.empty() || equal_ignoring_case(parameter, "charset=utf-8") ||
           equal_ignoring_case(parameter, "charset=\"utf-8\"");
  }
  if (json) return success();
  return Error{
      ErrorCode::unsupported_media_type, "the body must be application/json in UTF-8", {}, {}};
}

}  // namespace respring::net
