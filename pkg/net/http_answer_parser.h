#pragma once

#include <memory>
#include <string_view>

#include "net/http_client.h"

namespace respring::net {

/// Reads one answer out of bytes. Beast does the work and stays inside.
class AnswerParser {
 public:
  /// `head_only`: the answer to a HEAD request, which has no body whatever its length says.
  /// `streamed`: a body that comes in chunks is taken in pieces and may be of any length.
  AnswerParser(bool head_only, std::size_t max_body, bool streamed = false);
  ~AnswerParser();

  /// Takes bytes from the front and says how many it used.
  Result<std::size_t> feed(std::string_view bytes);
  /// The peer ended the connection: fine if the body is delimited by that.
  Result<void> end();
  bool done() const;
  bool keep_alive() const;
  /// The head is there, and the body comes in pieces.
  bool is_stream() const;
  /// The answer when done, the head of a stream.
  ClientResponse take();
  /// What has come of a stream since the last piece.
  std::string take_piece();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace respring::net
