#include "net/identity.h"

#include <sodium.h>

#include <algorithm>

namespace respring::net {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::string_view kNode = "node";
constexpr std::size_t kMaxHeader = 256;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
using Tag = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error refused(std::string why) {
  return {ErrorCode::unauthenticated, "the internal identity is " + std::move(why), {}, {}};
}

/// `signed_part` has no line feed and the method no space, so no two requests give the same text.
Tag tag_of(const IdentityKeys::Key& key, std::string_view signed_part, Method method,
           std::string_view target) {
  std::string text = "respring-identity\n";
  text.append(signed_part).append("\n").append(name_of(method)).append(" ").append(target);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  Tag tag;
  crypto_auth_hmacsha256_final(&state, tag.data());
  return tag;
}

std::string base64_of(const Tag& tag) {
  std::string text(sodium_base64_encoded_len(tag.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), tag.data(), tag.size(), kVariant);
  text.resize(text.find('\0'));
  return text;
}

std::optional<Tag> tag_from(std::string_view text) {
  Tag tag;
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(tag.data(), tag.size(), text.data(), text.size(), nullptr, &length, &end,
                        kVariant) != 0 ||
      end != text.data() + text.size() || length != tag.size()) {
    return std::nullopt;
  }
  return tag;
}

std::optional<Time> time_from(std::string_view text) {
  const auto ms = parse_id(text);
  return ms ? std::optional(from_ms(*ms)) : std::nullopt;
}

/// Nothing when malformed; the inner value is nothing for a node.
std::optional<std::optional<Principal>> principal_from(std::string_view text) {
  if (text == kNode) return std::optional<Principal>();
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto user = UserId::parse(text.substr(0, dash));
  const auto session = SessionId::parse(text.substr(dash + 1));
  if (!user || !session) return std::nullopt;
  return std::optional(Principal{*user, *session});
}

/// The text up to the next dot, which is removed with it.
std::string_view next_part(std::string_view& rest) {
  const auto dot = std::min(rest.find('.'), rest.size());
  const std::string_view part = rest.substr(0, dot);
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  return part;
}

}  // namespace

std::string IdentitySeal::sign(const std::optional<Principal>& who, Method method,
                               std::string_view target) const {
  std::string text(kVersion);
  text += '.';
  text += who ? who->user.str() + "-" + who->session.str() : std::string(kNode);
  text += '.' + std::to_string(to_ms(clock_.now()));
  return text + '.' + base64_of(tag_of(keys_.current, text, method, target));
}

Result<std::optional<Principal>> IdentitySeal::verify(const Request& request) const {
  if (request.headers.count(kIdentityHeader) != 1) return refused("missing or doubled");
  const std::string_view header = *request.headers.find(kIdentityHeader);
  if (header.size() > kMaxHeader) return refused("malformed");
  std::string_view rest = header;
  const std::string_view version = next_part(rest);
  const std::string_view who = next_part(rest);
  const std::string_view when = next_part(rest);
  const auto tag = tag_from(rest);
  if (version != kVersion) return refused("of an unknown version");
  if (!tag) return refused("malformed");
  const std::string_view signed_part = header.substr(0, header.size() - rest.size() - 1);
  const auto is_by = [&](const IdentityKeys::Key& key) {
    const Tag expected = tag_of(key, signed_part, request.method, request.target);
    return sodium_memcmp(expected.data(), tag->data(), tag->size()) == 0;
  };
  if (!is_by(keys_.current) && !(keys_.previous && is_by(*keys_.previous)))
    return refused("not signed for this request with a key of this cluster");
  const auto issued = time_from(when);
  const auto principal = principal_from(who);
  if (!issued || !principal) return refused("malformed");
  const auto age = clock_.now() - *issued;
  if (age > kValidity) return refused("expired");
  if (age < -kSkew) return refused("from the future");
  return *principal;
}

}  // namespace respring::net
