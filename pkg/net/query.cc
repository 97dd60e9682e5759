#include <algorithm>
#include <charconv>

#include "net/http.h"

namespace respring::net {

Query::Query(const Request& request, std::initializer_list<std::string_view> allowed)
    : request_(request), asked_(allowed.begin(), allowed.end()) {}

bool Query::has(std::string_view name) const {
  return std::any_of(request_.query.begin(), request_.query.end(),
                     [&](const auto& pair) { return pair.first == name; });
}

std::optional<std::string> Query::text(std::string_view name) {
  asked_.emplace_back(name);
  for (const auto& [key, value] : request_.query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Query::integer(std::string_view name, std::int64_t min,
                                           std::int64_t max) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::int64_t value = 0;
  const char* end = given->data() + given->size();
  const auto [stop, error] = std::from_chars(given->data(), end, value);
  if (error == std::errc::result_out_of_range) {
    fail(name, "out_of_range");
  } else if (error != std::errc{} || stop != end) {
    fail(name, "invalid");
  } else if (value < min || value > max) {
    fail(name, "out_of_range");
  } else {
    return value;
  }
  return std::nullopt;
}

std::int64_t Query::integer(std::string_view name, std::int64_t min, std::int64_t max,
                            std::int64_t fallback) {
  return integer(name, min, max).value_or(fallback);
}

void Query::fail(std::string_view name, std::string_view code) {
  errors_.push_back({std::string(name), std::string(code)});
}

Result<void> Query::done() const {
  Error unknown{ErrorCode::unknown_field, "unknown query parameter", {}, {}};
  std::vector<FieldError> errors = errors_;
  for (std::size_t i = 0; i < request_.query.size(); ++i) {
    const std::string& name = request_.query[i].first;
    const auto same = [&](const auto& pair) { return pair.first == name; };
    const auto here = request_.query.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(request_.query.begin(), here, same)) {
      errors.push_back({name.substr(0, 64), "repeated"});
    } else if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
      unknown.fields.push_back({name.substr(0, 64), "unknown"});
    }
  }
  if (!unknown.fields.empty()) return unknown;
  if (errors.empty()) return success();
  std::string detail = errors.front().field + ": " + errors.front().code;
  return Error{ErrorCode::invalid_request, std::move(detail), std::move(errors), {}};
}

}  // namespace respring::net
