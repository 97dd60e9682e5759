#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

/// What a key of a BlobStore may be, the same for every adapter.
namespace respring::chat {

inline constexpr std::size_t kMaxBlobKeyBytes = 200;

/// `invalid_request` unless it is 1 to 200 bytes of `[a-z0-9._/-]` whose parts between slashes are
/// not empty, begin with no dot and hold no `..`.
Result<void> check_blob_key(std::string_view key);
/// The beginning of keys; may be empty, or end within a part.
Result<void> check_blob_prefix(std::string_view prefix);

}  // namespace respring::chat
