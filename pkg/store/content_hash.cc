#include "store/content_hash.h"

#include <xxhash.h>

#include <algorithm>
#include <string>

namespace respring::store {
namespace {

void add(std::string& all, std::string_view part) {
  all += std::to_string(part.size());
  all += ':';
  all += part;
}

}  // namespace

ContentHash::ContentHash(const chat::Send& send) {
  std::string all;
  all.reserve(send.text.size() + send.attachments.size() + 64);
  add(all, send.text);
  add(all, send.reply_to ? std::to_string(*send.reply_to) : "");
  add(all, send.attachments);
  add(all, send.meta.value_or(""));
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(all.data(), all.size()));
  std::ranges::copy(canonical.digest, bytes_.begin());
}

}  // namespace respring::store
