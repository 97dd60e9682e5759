// As much of Prometheus' grammar as names of series take (prometheus.io/docs/prometheus/latest/
// querying/basics): a name that no parenthesis follows, that is no word of the language, and that
// stands outside of braces, brackets, strings and lists of labels.
#include "ops/manifests/check_promql.h"

#include <algorithm>
#include <array>

namespace respring::manifests {
namespace {

constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
constexpr std::string_view kLater =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";
constexpr std::string_view kSpace = " \t\r\n";

/// Words that a list of labels follows.
constexpr std::array<std::string_view, 6> kListed = {"by",       "without",    "on",
                                                     "ignoring", "group_left", "group_right"};
/// Other words of the language; aggregations may have `by (…)` before their parenthesis.
constexpr std::array<std::string_view, 22> kWords = {
    "and",    "or",    "unless", "bool",    "offset",   "start",       "end",   "inf",
    "nan",    "atan2", "sum",    "min",     "max",      "avg",         "group", "stddev",
    "stdvar", "count", "topk",   "bottomk", "quantile", "count_values"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& all, std::string word) {
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(all, word) != all.end();
}

class Reader {
 public:
  explicit Reader(std::string_view query) : rest_(query) {}

  std::set<std::string> read() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"' || c == '\'' || c == '`') {
        text();
      } else if (c == '{') {
        braces();
      } else if (c == '[') {
        skip_past("]");
      } else if (c == '#') {
        skip_past("\n");
      } else if (kFirst.find(c) != std::string_view::npos) {
        word();
      } else if (kLater.find(c) != std::string_view::npos || c == '$') {
        number();
      } else {
        rest_.remove_prefix(1);
      }
    }
    return std::move(found_);
  }

 private:
  void skip_past(std::string_view end) {
    const auto at = rest_.find(end);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  }

  /// A string, without its quotes.
  std::string text() {
    const char quote = rest_.front();
    std::string out;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != quote; ++i) {
      if (rest_[i] == '\\' && quote != '`' && i + 1 < rest_.size()) ++i;
      out.push_back(rest_[i]);
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return out;
  }

  /// Labels: only the name of the series matters.
  void braces() {
    constexpr std::string_view kName = "__name__=\"";
    while (!rest_.empty() && rest_.front() != '}') {
      const char c = rest_.front();
      const bool name = rest_.starts_with(kName);
      if (name) rest_.remove_prefix(kName.size() - 1);
      if (name) {
        found_.insert(text());
      } else if (c == '"' || c == '\'' || c == '`') {
        text();
      } else {
        rest_.remove_prefix(1);
      }
    }
    skip_past("}");
  }

  /// Also durations (5m) and Grafana's variables.
  void number() {
    rest_.remove_prefix(1);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kLater), rest_.size()));
  }

  void word() {
    const std::size_t size = std::min(rest_.find_first_not_of(kLater), rest_.size());
    const std::string word(rest_.substr(0, size));
    rest_.remove_prefix(size);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
    const bool called = rest_.starts_with('(');
    if (is_among(kListed, word)) {
      if (called) skip_past(")");
    } else if (!called && !is_among(kWords, word)) {
      found_.insert(word);
    }
  }

  std::string_view rest_;
  std::set<std::string> found_;
};

}  // namespace

std::set<std::string> series_in(std::string_view query) { return Reader(query).read(); }

std::string only_with(std::string_view query, std::string_view matcher) {
  const std::set<std::string> series = series_in(query);
  std::string out;
  while (!query.empty()) {
    const bool begins = kFirst.find(query.front()) != std::string_view::npos;
    const std::size_t end = begins ? query.find_first_not_of(kLater) : std::size_t{1};
    const std::string word(query.substr(0, end));
    query.remove_prefix(std::min(end, query.size()));
    out += word;
    if (!series.contains(word)) continue;
    const bool labelled = query.starts_with('{');
    if (labelled) query.remove_prefix(1);
    out += '{';
    out += matcher;
    out += labelled ? ", " : "}";
  }
  return out;
}

}  // namespace respring::manifests
