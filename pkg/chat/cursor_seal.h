#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace respring::chat {

/// Makes page cursors opaque and tamper-proof: the text is bound to its purpose (which list, whose)
/// by a keyed BLAKE2b tag. Immutable after construction; any thread.
class CursorSeal {
 public:
  using Key = std::array<unsigned char, 32>;
  explicit CursorSeal(const Key& key) : key_(key) {}

  std::string seal(std::string_view purpose, std::string_view text) const;
  /// The text, or nothing when the token was not sealed by us for this purpose.
  std::optional<std::string> open(std::string_view purpose, std::string_view token) const;

 private:
  std::string tag(std::string_view purpose, std::string_view text) const;
  Key key_;
};

}  // namespace respring::chat
