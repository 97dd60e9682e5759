#include "net/http_answer_parser.h"

#include <limits>
#include <utility>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace respring::net {
namespace {

namespace http = boost::beast::http;
constexpr std::uint32_t kMaxHead = 64 * 1024;

Error broken(const std::string& why) { return unavailable("broken answer: " + why); }

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

}  // namespace

struct AnswerParser::Impl {
  Impl(bool head_only, std::size_t max_body, bool streams) : streamed(streams) {
    parser.header_limit(kMaxHead);
    parser.body_limit(max_body);
    parser.skip(head_only);
  }
  http::response_parser<http::string_body> parser;
  bool streamed;
};

AnswerParser::AnswerParser(bool head_only, std::size_t max_body, bool streamed)
    : impl_(std::make_unique<Impl>(head_only, max_body, streamed)) {}
AnswerParser::~AnswerParser() = default;

Result<std::size_t> AnswerParser::feed(std::string_view bytes) {
  // The head alone first: 1.74 forgets that a Content-Length is over the limit when it goes on to
  // the body within the same call.
  impl_->parser.eager(impl_->parser.is_header_done());
  boost::system::error_code error;
  const std::size_t used = impl_->parser.put(asio::buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) return broken(error.message());
  if (is_stream()) impl_->parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  return used;
}

Result<void> AnswerParser::end() {
  boost::system::error_code error;
  impl_->parser.put_eof(error);
  if (error) return broken(error.message());
  return success();
}

bool AnswerParser::done() const { return impl_->parser.is_done(); }
bool AnswerParser::keep_alive() const { return impl_->parser.keep_alive(); }

bool AnswerParser::is_stream() const {
  return impl_->streamed && impl_->parser.is_header_done() && impl_->parser.chunked();
}

std::string AnswerParser::take_piece() { return std::exchange(impl_->parser.get().body(), {}); }

ClientResponse AnswerParser::take() {
  auto& message = impl_->parser.get();
  ClientResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    response.headers.add(text(field.name_string()), text(field.value()));
  if (!is_stream()) response.body = std::move(message.body());
  return response;
}

}  // namespace respring::net
