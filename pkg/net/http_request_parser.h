#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http.h"

namespace respring::net {

/// Reads one request out of bytes. Its head must have passed check_head(). Beast does the work and
/// stays inside.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  /// Takes the head: fills method, target, path, query and headers.
  Result<void> head(std::string_view head, Request& request);

  bool is_1_1() const;
  /// The connection may be used again after this request (RFC 9112 9.3).
  bool keep_alive() const;
  /// The client waits for `100 Continue` before it sends the body.
  bool expects_continue() const;
  /// Nothing more belongs to this request.
  bool done() const;

  /// At most that many bytes of body; before the first of them. `payload_too_large` at once when
  /// the head announces more.
  Result<void> limit_body(std::size_t max_bytes);
  /// Takes some of the body and says how many bytes it used; 0 when it needs more at once.
  Result<std::size_t> body(std::string_view bytes);
  /// Moves the body out. When done.
  std::string take_body();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace respring::net
