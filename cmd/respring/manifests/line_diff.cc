#include "respring/manifests/line_diff.h"

#include <algorithm>
#include <vector>

namespace respring::cmd {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(const std::string& text) {
  Lines out;
  const std::string_view all = text;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    out.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// A line of the answer: ' ', '-' or '+', and where it stands in both texts.
struct Step {
  char sign;
  std::string_view text;
  std::size_t before;
  std::size_t after;
};

/// The longest common subsequence, by the table of its lengths.
std::vector<Step> steps_between(const Lines& a, const Lines& b) {
  const std::size_t wide = b.size() + 1;
  std::vector<std::uint32_t> length((a.size() + 1) * wide, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      length[i * wide + j] = a[i] == b[j]
                                 ? length[(i + 1) * wide + j + 1] + 1
                                 : std::max(length[(i + 1) * wide + j], length[i * wide + j + 1]);
    }
  }
  std::vector<Step> steps;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      steps.push_back({' ', a[i], i++, j++});
    } else if (j == b.size() ||
               (i < a.size() && length[(i + 1) * wide + j] >= length[i * wide + j + 1])) {
      steps.push_back({'-', a[i], i++, j});
    } else {
      steps.push_back({'+', b[j], i, j++});
    }
  }
  return steps;
}

std::string hunk(const std::vector<Step>& steps, std::size_t from, std::size_t to) {
  std::size_t before = 0;
  std::size_t after = 0;
  std::string body;
  for (std::size_t i = from; i < to; ++i) {
    before += steps[i].sign != '+' ? 1 : 0;
    after += steps[i].sign != '-' ? 1 : 0;
    body += steps[i].sign;
    body.append(steps[i].text).append("\n");
  }
  const auto range = [](std::size_t start, std::size_t count) {
    return std::to_string(count == 0 ? start : start + 1) + "," + std::to_string(count);
  };
  return "@@ -" + range(steps[from].before, before) + " +" + range(steps[from].after, after) +
         " @@\n" + body;
}

}  // namespace

std::string line_diff(const std::string& before, const std::string& after,
                      const std::string& name) {
  if (before == after) return {};
  std::string out = "--- " + name + "\n+++ " + name + "\n";
  const Lines a = lines_of(before);
  const Lines b = lines_of(after);
  constexpr std::size_t kMostCells = 25'000'000;
  if ((a.size() + 1) * (b.size() + 1) > kMostCells)
    return out + "  too large to compare line by line\n";
  const std::vector<Step> steps = steps_between(a, b);
  constexpr std::size_t kAround = 3;
  for (std::size_t at = 0; at < steps.size();) {
    const auto changed = [&](const Step& step) { return step.sign != ' '; };
    const auto first =
        std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(at), steps.end(), changed);
    if (first == steps.end()) break;
    const auto start = static_cast<std::size_t>(first - steps.begin());
    std::size_t last = start;
    for (std::size_t i = start; i < steps.size() && i <= last + 2 * kAround; ++i) {
      if (changed(steps[i])) last = i;
    }
    const std::size_t from = std::max(at, start > kAround ? start - kAround : 0);
    const std::size_t to = std::min(last + kAround + 1, steps.size());
    out += hunk(steps, from, to);
    at = to;
  }
  return out;
}

}  // namespace respring::cmd
