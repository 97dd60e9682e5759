#include "net/router.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace respring::net {
namespace {

/// The next segment of `/a/b/c`; moves `rest` behind it. False at the end.
bool next_segment(std::string_view& rest, std::string_view& segment) {
  if (rest.empty()) return false;
  rest.remove_prefix(1);  // the slash
  const auto end = std::min(rest.find('/'), rest.size());
  segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return true;
}

Task<Response> answer_fallible(const FallibleHandler& handler, Request& request,
                               const PathParams& params) {
  auto answer = co_await handler(request, params);
  if (!answer) co_return problem_response(answer.error(), request);
  co_return std::move(answer).assume_value();
}

struct Endpoint {
  std::size_t route;
  std::vector<std::string> names;
  Handler handler;
};

}  // namespace

const std::string& PathParams::operator[](std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return kNone;
}

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> any;
  std::map<Method, Endpoint> endpoints;

  /// Literals first, then the parameter; steps back when the rest of the path does not fit, so
  /// /users/me does not hide /users/{id}/rooms. Visits at most 2^(number of parameters) nodes.
  const Node* match(std::string_view rest, std::vector<std::string_view>& values) const {
    std::string_view segment;
    if (!next_segment(rest, segment)) return endpoints.empty() ? nullptr : this;
    if (const auto found = literals.find(segment); found != literals.end()) {
      if (const Node* node = found->second->match(rest, values)) return node;
    }
    if (!any || segment.empty()) return nullptr;
    values.push_back(segment);
    if (const Node* node = any->match(rest, values)) return node;
    values.pop_back();
    return nullptr;
  }
};

struct Router::Match {
  const Node* node = nullptr;
  std::vector<std::string_view> values;

  const Endpoint* endpoint(Method method) const {
    if (!node) return nullptr;
    auto found = node->endpoints.find(method);
    if (found == node->endpoints.end() && method == Method::head)
      found = node->endpoints.find(Method::get);
    return found == node->endpoints.end() ? nullptr : &found->second;
  }

  std::string allow() const {
    std::string methods;
    for (const auto& [method, endpoint] : node->endpoints) {
      if (!methods.empty()) methods += ", ";
      methods += name_of(method);
      if (method == Method::get && !node->endpoints.contains(Method::head)) methods += ", HEAD";
    }
    return methods;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string pattern, Handler handler) {
  Node* node = root_.get();
  Endpoint endpoint{routes_.size(), {}, std::move(handler)};
  std::string_view rest = pattern;
  std::string_view segment;
  while (next_segment(rest, segment)) {
    const bool is_name = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    if (is_name) endpoint.names.emplace_back(segment.substr(1, segment.size() - 2));
    auto& child = is_name ? node->any : node->literals[std::string(segment)];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  if (!node->endpoints.emplace(method, std::move(endpoint)).second)
    throw std::logic_error("route given twice: " + pattern);
  routes_.push_back({method, std::move(pattern)});
}

void Router::add(Method method, std::string pattern, FallibleHandler handler) {
  auto wrapped = [handler = std::move(handler)](Request& request, const PathParams& params) {
    return answer_fallible(handler, request, params);
  };
  add(method, std::move(pattern), Handler(std::move(wrapped)));
}

Router::Match Router::find(std::string_view path) const {
  Match match;
  if (!path.empty() && path.front() == '/') match.node = root_->match(path, match.values);
  return match;
}

Task<Response> Router::handle(Request& request) const {
  const Match match = find(request.path);
  if (!match.node) co_return problem_response(not_found("there is nothing at this path"), request);
  const Endpoint* endpoint = match.endpoint(request.method);
  if (!endpoint) {
    const Error error{ErrorCode::method_not_allowed, "allowed here: " + match.allow(), {}, {}};
    Response response = problem_response(error, request);
    response.headers.set("Allow", match.allow());
    co_return response;
  }
  std::vector<std::pair<std::string, std::string>> values;
  for (std::size_t i = 0; i < match.values.size(); ++i) {
    auto value = percent_decode(match.values[i]);
    if (!value) co_return problem_response(invalid("broken percent-encoding"), request);
    values.emplace_back(endpoint->names[i], std::move(*value));
  }
  const PathParams params(std::move(values));
  co_return co_await endpoint->handler(request, params);
}

std::vector<RouteInfo> Router::routes() const { return routes_; }

bool Router::knows(std::string_view path) const { return find(path).node != nullptr; }

std::string_view Router::pattern_of(Method method, std::string_view path) const {
  const Match match = find(path);
  const Endpoint* endpoint = match.endpoint(method);
  return endpoint ? std::string_view(routes_[endpoint->route].pattern) : std::string_view();
}

}  // namespace respring::net
