#include "mysql/dsn.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace respring::mysql {
namespace {

constexpr std::string_view kScheme = "mysql://";
constexpr std::size_t kLongest = 4096;
constexpr std::size_t kLongestHost = 253;      // RFC 1035
constexpr std::size_t kLongestDatabase = 64;   // of MySQL's identifiers
constexpr std::size_t kLongestUser = 128;      // of MariaDB; MySQL's have 32
constexpr std::size_t kLongestPassword = 512;  // more than either hashes

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

Result<std::string> percent_decoded(std::string_view text, std::string_view what,
                                    std::size_t longest) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
      if (!low) return invalid("the " + std::string(what) + " has a % that is not of %XX");
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return invalid("the " + std::string(what) + " has a control character");
    decoded += c;
  }
  if (decoded.size() > longest)
    return invalid("the " + std::string(what) + " is longer than " + std::to_string(longest) +
                   " bytes");
  return decoded;
}

template <class Number>
Result<Number> number(std::string_view text, std::string_view what, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return invalid("the " + std::string(what) + " must be a number from " + std::to_string(least) +
                   " to " + std::to_string(most));
  return value;
}

// What stands before the first `separator`, which is taken off with it; all when there is none.
std::string_view cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_';
}

Result<void> read_host(std::string_view text, Options& options) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return invalid("the IPv6 address has no closing ]");
    options.host = std::string(text.substr(1, end - 1));
    const bool sound = std::ranges::all_of(
        options.host, [](char c) { return hex_digit(c) || c == ':' || c == '.'; });
    if (!sound) return invalid("what is in [] is no IPv6 address");
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return invalid("a : must follow the ]");
    if (!port.empty()) port.remove_prefix(1);
    if (port.empty() && text.back() == ':') return invalid("the port is missing behind the :");
  } else {
    const bool with_port = text.find(':') != std::string_view::npos;
    options.host = std::string(cut(text, ':'));
    port = text;
    if (with_port && port.empty()) return invalid("the port is missing behind the :");
    if (!std::ranges::all_of(options.host, is_host_character))
      return invalid("the host has a character that no host name has");
  }
  if (options.host.empty()) return invalid("the host is missing");
  if (options.host.size() > kLongestHost) return invalid("the host is too long");
  if (!port.empty()) {
    RESPRING_TRY(options.port, number<std::uint16_t>(port, "port", 1, 65535));
  }
  return success();
}

Result<Tls> tls_named(std::string_view name) {
  if (name == "disabled") return Tls::disabled;
  if (name == "required") return Tls::required;
  if (name == "verify-ca") return Tls::verify_ca;
  if (name == "verify-identity") return Tls::verify_identity;
  return invalid("tls must be disabled, required, verify-ca or verify-identity");
}

Result<void> read_parameter(std::string_view name, const std::string& value, Options& options) {
  const auto seconds = [&](std::chrono::seconds& target, int most) -> Result<void> {
    RESPRING_TRY(const int count, number<int>(value, name, 1, most));
    target = std::chrono::seconds(count);
    return success();
  };
  if (name == "tls") {
    RESPRING_TRY(options.tls, tls_named(value));
    return success();
  }
  if (name == "ca") {
    if (value.empty()) return invalid("the file of ca is missing");
    options.ca = value;
    return success();
  }
  if (name == "connect_timeout") return seconds(options.connect_timeout, 300);
  if (name == "answer_timeout") return seconds(options.answer_timeout, 86400);
  if (name == "lock_timeout") return seconds(options.lock_timeout, 300);
  // Its name is not repeated: a password with a ? in it would end up here.
  return invalid(
      "an unknown parameter; tls, ca, connect_timeout, answer_timeout and lock_timeout "
      "are known");
}

Result<void> read_parameters(std::string_view text, Options& options) {
  std::set<std::string_view> seen;
  while (!text.empty()) {
    auto value = cut(text, '&');
    const auto name = cut(value, '=');
    RESPRING_TRY(const auto decoded, percent_decoded(value, "value of a parameter", 1024));
    RESPRING_TRYV(read_parameter(name, decoded, options));
    if (!seen.insert(name).second) return invalid(std::string(name) + " is given twice");
  }
  const bool verifies = options.tls == Tls::verify_ca || options.tls == Tls::verify_identity;
  if (verifies && options.ca.empty()) return invalid("tls=verify-… needs ca=FILE");
  if (!verifies && !options.ca.empty())
    return invalid("ca=FILE needs tls=verify-ca or tls=verify-identity");
  return success();
}

}  // namespace

Result<Options> parse_dsn(std::string_view dsn) {
  if (dsn.size() > kLongest) return invalid("the database URL is too long");
  if (!dsn.starts_with(kScheme)) return invalid("the database URL must begin with mysql://");
  dsn.remove_prefix(kScheme.size());
  const auto authority_end = dsn.find('/');
  if (authority_end == std::string_view::npos)
    return invalid("the database URL must end with /DATABASE");
  auto authority = dsn.substr(0, authority_end);
  auto rest = dsn.substr(authority_end + 1);
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return invalid("the database URL must name a user: USER@HOST");
  auto password = authority.substr(0, at);
  if (password.find('@') != std::string_view::npos)
    return invalid("an @ in the user or password must be written %40");
  const auto user = cut(password, ':');
  if (password.find(':') != std::string_view::npos)
    return invalid("a : in the password must be written %3A");
  Options options;
  RESPRING_TRY(options.user, percent_decoded(user, "user", kLongestUser));
  if (options.user.empty()) return invalid("the database URL must name a user: USER@HOST");
  RESPRING_TRY(auto secret, percent_decoded(password, "password", kLongestPassword));
  options.password = Secret<std::string>(std::move(secret));
  RESPRING_TRYV(read_host(authority.substr(at + 1), options));
  const auto database = cut(rest, '?');
  RESPRING_TRY(options.database, percent_decoded(database, "database name", kLongestDatabase));
  if (options.database.empty()) return invalid("the database URL must end with /DATABASE");
  if (options.database.find_first_of("/\\`'\"#") != std::string::npos)
    return invalid("the database name has a character that is not allowed in it");
  RESPRING_TRYV(read_parameters(rest, options));
  return options;
}

std::string describe(const Options& options) {
  const bool ipv6 = options.host.find(':') != std::string::npos;
  const auto host = ipv6 ? "[" + options.host + "]" : options.host;
  return "mysql://" + options.user + "@" + host + ":" + std::to_string(options.port) + "/" +
         options.database;
}

}  // namespace respring::mysql
