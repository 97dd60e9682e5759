#include "ops/manifests/value_checks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace respring::manifests {
namespace {

constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kNamespace = "namespace ";

bool is_plain(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool is_of(std::string_view text, std::string_view letters, std::string_view marks) {
  return std::ranges::all_of(text, [&](char c) {
    return letters.find(c) != std::string_view::npos || marks.find(c) != std::string_view::npos;
  });
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         is_of(text, kSmall, "-");
}

/// A part of an image's name between two slashes.
bool is_component(std::string_view text) {
  return !text.empty() && is_of(text, kSmall, "._-") && is_plain(text.front()) &&
         is_plain(text.back());
}

/// `registry.example.org:5000`.
bool is_registry(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view port = colon == text.npos ? "1" : text.substr(colon + 1);
  return is_component(text.substr(0, colon)) && !port.empty() && port.size() <= 5 &&
         is_of(port, "0123456789", "");
}

bool is_image_name(std::string_view text) {
  for (bool first = true;; first = false) {
    const auto slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    const bool host = first && slash != text.npos;
    if (host ? !is_registry(part) : !is_component(part)) return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

/// The address' bytes, and none when it is no address.
std::string_view bytes_of(const std::string& text, std::array<char, 16>& out) {
  if (inet_pton(AF_INET, text.c_str(), out.data()) == 1) return {out.data(), 4};
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return {out.data(), 16};
  return {};
}

/// Whether only the first `bits` may be set.
bool ends_behind(std::string_view bytes, std::size_t bits) {
  for (std::size_t bit = bits; bit < bytes.size() * 8; ++bit) {
    if ((static_cast<unsigned char>(bytes[bit / 8]) >> (7 - bit % 8)) & 1) return false;
  }
  return true;
}

}  // namespace

Complaint check_name(std::string_view text) {
  if (is_label(text)) return std::nullopt;
  return "is not a name of a-z, 0-9 and -, at most 63";
}

Complaint check_optional_name(std::string_view text) {
  return text.empty() ? std::nullopt : check_name(text);
}

Complaint check_host(std::string_view text) {
  if (text.empty()) return std::nullopt;  // whether it may be is for others to say
  bool good = text.size() <= 253;
  for (std::size_t at = 0; good && at <= text.size();) {
    const auto dot = std::min(text.find('.', at), text.size());
    good = is_label(text.substr(at, dot - at));
    at = dot + 1;
  }
  if (good) return std::nullopt;
  return "is not a host name like chat.example.org";
}

Complaint check_image_name(std::string_view text) {
  if (is_image_name(text)) return std::nullopt;
  return "is not an image like registry.example.org/respring, without tag and digest";
}

Complaint check_tag(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool good = text.size() <= 63 && is_plain(text.front()) && is_plain(text.back()) &&
                    std::ranges::all_of(text, [](char c) {
                      return is_plain(c) || c == '.' || c == '_' || c == '-';
                    });
  if (good) return std::nullopt;
  return "is not a tag of letters, digits, '.', '_' and '-', at most 63";
}

Complaint check_digest(std::string_view text) {
  constexpr std::string_view kStart = "sha256:";
  const bool good = text.starts_with(kStart) && text.size() == kStart.size() + 64 &&
                    is_of(text.substr(kStart.size()), "0123456789abcdef", "");
  if (text.empty() || good) return std::nullopt;
  return "is not a digest: sha256: and 64 digits of 0-9, a-f";
}

Complaint check_image(std::string_view text) {
  const auto digest = text.find('@');
  const std::string_view name = text.substr(0, digest);
  const auto slash = name.rfind('/');
  const auto colon = name.find(':', slash == name.npos ? 0 : slash);
  const bool tagged = colon != name.npos && colon + 1 < name.size();
  const bool good = is_image_name(name.substr(0, colon)) &&
                    (tagged ? !check_tag(name.substr(colon + 1)) : colon == name.npos) &&
                    (digest == text.npos ? tagged : !check_digest(text.substr(digest + 1)));
  if (good) return std::nullopt;
  return "is not an image like registry.example.org/redis:7, with its tag or digest";
}

Complaint check_network(std::string_view text) {
  const auto slash = text.find('/');
  std::array<char, 16> space{};
  const auto bytes = bytes_of(std::string(text.substr(0, slash)), space);
  const std::string_view digits = slash == text.npos ? "" : text.substr(slash + 1);
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (bytes.empty() || digits.empty() || error != std::errc{} ||
      end != digits.data() + digits.size() || bits > bytes.size() * 8)
    return "is not a network like 10.0.0.0/16";
  if (!ends_behind(bytes, bits))
    return "is an address in a network: set what is behind /" + std::to_string(bits) + " to zero";
  return std::nullopt;
}

Complaint check_proxies(std::string_view text) {
  if (const Complaint wrong = check_network(text)) return wrong;
  if (!text.ends_with("/0")) return std::nullopt;
  return "is everybody: anyone could say in X-Forwarded-For who he is";
}

Complaint check_place(std::string_view text) {
  if (text.starts_with(kNamespace)) return check_name(text.substr(kNamespace.size()));
  const Complaint wrong = check_network(text);
  if (!wrong || wrong->starts_with("is an address")) return wrong;
  return "is neither a network like 10.0.0.0/16 nor 'namespace NAME'";
}

Complaint check_annotation(std::string_view text) {
  const std::string_view key = text.substr(0, text.find('='));
  const auto slash = key.find('/');
  const std::string_view prefix = slash == key.npos ? "" : key.substr(0, slash);
  const std::string_view name = slash == key.npos ? key : key.substr(slash + 1);
  if (key.size() < text.size() && !name.empty() && slash != 0 && !check_host(prefix) &&
      !check_tag(name))
    return std::nullopt;
  return "is not NAME=VALUE like haproxy.org/timeout-tunnel=1h";
}

Complaint check_address(std::string_view text) {
  if (text.empty() || text.starts_with("http://") || text.starts_with("https://"))
    return std::nullopt;
  return "is not an address like http://loki:3100";
}

Complaint check_time_zone(std::string_view text) {
  const bool named = !text.empty() && text.front() != '/' && text.size() <= 60 &&
                     std::ranges::all_of(text, [](char c) {
                       return is_plain(c) || c == '/' || c == '_' || c == '+' || c == '-';
                     });
  if (named) return std::nullopt;
  return "is not a time zone like Asia/Seoul";
}

Complaint check_days(std::string_view text) {
  const bool days = text.size() >= 2 && text.size() <= 6 && text.back() == 'd' &&
                    text.front() != '0' && text.find_first_not_of("0123456789") == text.size() - 1;
  if (days) return std::nullopt;
  return "is not a number of days like 365d";
}

}  // namespace respring::manifests
