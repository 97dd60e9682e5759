#include "chat/blob_key.h"

#include <algorithm>

namespace respring::chat {
namespace {

bool has_only_key_characters(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' ||
           c == '-';
  });
}

}  // namespace

Result<void> check_blob_key(std::string_view key) {
  bool good = !key.empty() && key.size() <= kMaxBlobKeyBytes && has_only_key_characters(key);
  std::string_view rest = key;
  while (good) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    good = !part.empty() && part.front() != '.' && part.find("..") == part.npos;
    if (slash == rest.npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (!good) return invalid_field("key", "invalid");
  return success();
}

Result<void> check_blob_prefix(std::string_view prefix) {
  if (prefix.size() > kMaxBlobKeyBytes || !has_only_key_characters(prefix))
    return invalid_field("prefix", "invalid");
  return success();
}

}  // namespace respring::chat
