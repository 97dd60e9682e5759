#include "ops/manifests/monitoring_values.h"

#include <algorithm>
#include <cctype>

namespace respring::manifests {
namespace {

constexpr std::size_t kMostLetters = 63;  // of a label's name and of its value

bool letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// As the API server has names and values of labels: letters and digits at both ends.
bool is_label_text(std::string_view text) {
  return !text.empty() && text.size() <= kMostLetters && letter_or_digit(text.front()) &&
         letter_or_digit(text.back()) && std::ranges::all_of(text, [](char c) {
           return letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_prefix(std::string_view text) {
  constexpr std::size_t kMost = 253;
  return !text.empty() && text.size() <= kMost && letter_or_digit(text.front()) &&
         letter_or_digit(text.back()) && std::ranges::all_of(text, [](char c) {
           return (letter_or_digit(c) && std::isupper(static_cast<unsigned char>(c)) == 0) ||
                  c == '-' || c == '.';
         });
}

}  // namespace

std::optional<std::string> check_label(std::string_view text) {
  constexpr std::string_view kOurs = "app.kubernetes.io/";
  const auto mark = text.find('=');
  const std::string_view whole = text.substr(0, mark);
  const auto slash = whole.find('/');
  const bool prefixed = slash != std::string_view::npos;
  const bool fits = mark != std::string_view::npos && is_label_text(text.substr(mark + 1)) &&
                    is_label_text(prefixed ? whole.substr(slash + 1) : whole) &&
                    (!prefixed || is_prefix(whole.substr(0, slash)));
  if (!fits) return "is not a label like release=kube-prometheus-stack";
  if (whole.starts_with(kOurs)) return "is a label that every object has already";
  return std::nullopt;
}

std::optional<std::string> check_runbook(std::string_view text) {
  const bool address =
      text.starts_with("https://") || text.starts_with("http://") || text.starts_with("file:///");
  if (address && text.find_first_of("# \t\n") == std::string_view::npos) return std::nullopt;
  return "is not the address of a page like https://wiki.example.org/respring/operations";
}

}  // namespace respring::manifests
