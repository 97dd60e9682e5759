#include "config/redact.h"

#include <algorithm>
#include <array>

namespace respring::config {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kMark = "://";
constexpr std::string_view kHidden = "***";
constexpr std::string_view kSchemeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+";
/// Parameters that addresses of ours may have.
constexpr std::array<std::string_view, 7> kOpen = {
    "endpoint", "region", "tls", "ca", "connect_timeout", "answer_timeout", "lock_timeout"};

/// Where the name of the scheme begins whose `://` stands at `mark`.
std::size_t scheme_at(std::string_view text, std::size_t mark) {
  const auto before = text.substr(0, mark).find_last_not_of(kSchemeLetters);
  return before == npos ? 0 : before + 1;
}

/// What follows `://` up to the next address. A password may hold any sign, also / and @.
void add_rest(std::string_view rest, bool web, std::string& out) {
  const auto at = rest.rfind('@');
  const auto colon = rest.find(':');
  if (at != npos && colon < at) {
    out.append(rest.substr(0, colon + 1)).append(kHidden).append(rest.substr(at));
  } else if (at != npos && web && rest.find('/') > at) {
    out.append(kHidden).append(rest.substr(at));  // elsewhere it is the name of a user
  } else {
    out.append(rest);
  }
}

/// `?a=b&endpoint=c` is `?a=***&endpoint=c`.
std::string blank_parameters(std::string_view text) {
  std::size_t at = std::min(text.find('?'), text.size());
  std::string out(text.substr(0, at));
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of("?&, '", at + 1), text.size());
    const std::string_view part = text.substr(at + 1, end - at - 1);
    const bool parameter = text[at] == '?' || text[at] == '&';
    const std::size_t value = part.find('=') == npos ? 0 : part.find('=') + 1;
    const bool open = value > 0 && std::ranges::count(kOpen, part.substr(0, value - 1)) > 0;
    out += text[at];
    out += part.substr(0, parameter && !open ? value : npos);
    if (parameter && !open && value < part.size()) out += kHidden;
    at = end;
  }
  return out;
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::size_t mark = text.find(kMark);
  if (mark == npos) return std::string(text);
  std::string out(text.substr(0, scheme_at(text, mark)));
  while (mark != npos) {
    const std::size_t begin = mark + kMark.size();
    const std::size_t next = text.find(kMark, begin);
    const std::size_t end = next == npos ? text.size() : std::max(begin, scheme_at(text, next));
    const std::string_view scheme =
        text.substr(scheme_at(text, mark), mark - scheme_at(text, mark));
    out.append(scheme).append(kMark);
    add_rest(text.substr(begin, end - begin), scheme == "http" || scheme == "https", out);
    mark = next;
  }
  return blank_parameters(out);
}

}  // namespace respring::config
