#pragma once

#include <array>
#include <string_view>

#include "chat/commands.h"

namespace respring::store {

/// Of a message's content as first sent (text, reply_to, attachments, meta): tells a repeated cid
/// from a reused one. Not a protection against whoever makes collisions on purpose: he could only
/// fool himself.
class ContentHash {
 public:
  explicit ContentHash(const chat::Send& send);
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, 16> bytes_;
};

}  // namespace respring::store
