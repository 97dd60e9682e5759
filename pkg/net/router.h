#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace respring::net {

/// The percent-decoded values of a pattern's {names}, in order.
class PathParams {
 public:
  PathParams() = default;
  explicit PathParams(std::vector<std::pair<std::string, std::string>> values)
      : values_(std::move(values)) {}

  std::size_t size() const { return values_.size(); }
  /// The value at that place; it must exist.
  const std::string& operator[](std::size_t index) const { return values_[index].second; }
  /// The value of that name; empty when the pattern has no such name.
  const std::string& operator[](std::string_view name) const;
  /// The value as an id, or nothing when it is malformed.
  template <class AnyId>
  std::optional<AnyId> id(std::string_view name) const {
    return AnyId::parse((*this)[name]);
  }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

using Handler = std::function<Task<Response>(Request&, const PathParams&)>;
/// A handler that may fail: its error becomes a problem.
using FallibleHandler = std::function<Task<Result<Response>>(Request&, const PathParams&)>;

struct RouteInfo {
  Method method;
  std::string pattern;
  bool operator==(const RouteInfo&) const = default;
};

/// Finds the handler of a request. Literal segments win over {names}. A GET route answers HEAD too.
/// Add all routes first; after that handle() is safe from any thread. It must outlive its requests.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Pattern: `/v1/rooms/{room}/messages/{seq}`. A route given twice is a mistake in
  /// the program: std::logic_error.
  void add(Method method, std::string pattern, Handler handler);
  void add(Method method, std::string pattern, FallibleHandler handler);

  /// The handler's answer; `not_found`, or `method_not_allowed` with Allow.
  Task<Response> handle(Request& request) const;

  /// Every route in the order it was added.
  std::vector<RouteInfo> routes() const;
  /// Whether some method is served at this raw path.
  bool knows(std::string_view path) const;
  /// The pattern that serves this request, for metrics' labels; empty when there is none.
  std::string_view pattern_of(Method method, std::string_view path) const;

 private:
  struct Node;
  struct Match;
  Match find(std::string_view path) const;

  std::unique_ptr<Node> root_;
  std::vector<RouteInfo> routes_;
};

}  // namespace respring::net
