#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace respring::redis {

/// What the server answered to a command (RESP2).
struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, status, error, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text{};  ///< of text, status and error; any bytes
  std::vector<Reply> elements{};

  bool is_error() const { return kind == Kind::error; }
  /// The first word of an error, like `NOSCRIPT`.
  std::string_view error_code() const;
};

/// Cuts what the server sends into replies. One thread.
class ReplyReader {
 public:
  /// A reply that needs more bytes than that is refused.
  explicit ReplyReader(std::size_t max_bytes);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// After an error there is nothing more to be read.
  Result<void> feed(std::string_view bytes);
  /// The next whole reply, if one is there.
  Result<std::optional<Reply>> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace respring::redis
