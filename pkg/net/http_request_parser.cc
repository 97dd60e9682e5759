#include "net/http_request_parser.h"

#include <charconv>
#include <limits>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace respring::net {
namespace {

namespace http = boost::beast::http;

// Our own limits apply first; Beast's only need to be out of the way (and still bound trailers).
constexpr std::uint32_t kParserHeadLimit = 64 * 1024;

Error too_large() {
  return {ErrorCode::payload_too_large, "the body is larger than allowed here", {}, {}};
}

Error translated(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return too_large();
  return invalid("malformed HTTP: " + error.message());
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct RequestParser::Impl {
  http::request_parser<http::string_body> parser;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

Result<void> RequestParser::head(std::string_view head, Request& request) {
  auto& parser = impl_->parser;
  parser.header_limit(kParserHeadLimit);
  // Not boost::none: 1.74 then refuses every Content-Length. limit_body() sets the real one.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  boost::system::error_code error;
  parser.put(asio::buffer(head.data(), head.size()), error);
  if (error && error != http::error::need_more) return translated(error);
  if (!parser.is_header_done()) return invalid("malformed HTTP head");

  const auto& message = parser.get();
  request.method = method_named(view(message.method_string()));
  request.target = std::string(view(message.target()));
  for (const auto& field : message)
    request.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  split_target(request);
  return success();
}

bool RequestParser::is_1_1() const { return impl_->parser.get().version() == 11; }
bool RequestParser::keep_alive() const { return impl_->parser.get().keep_alive(); }
bool RequestParser::done() const { return impl_->parser.is_done(); }

bool RequestParser::expects_continue() const {
  return is_1_1() &&
         boost::beast::iequals(impl_->parser.get()[http::field::expect], "100-continue");
}

Result<void> RequestParser::limit_body(std::size_t max_bytes) {
  const auto length = impl_->parser.content_length();
  if (length && *length > max_bytes) return too_large();
  impl_->parser.body_limit(max_bytes);
  impl_->parser.eager(true);
  return success();
}

Result<std::size_t> RequestParser::body(std::string_view bytes) {
  boost::system::error_code error;
  const std::size_t used = impl_->parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) return translated(error);
  return used;
}

std::string RequestParser::take_body() { return std::move(impl_->parser.get().body()); }

}  // namespace respring::net
