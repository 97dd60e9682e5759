#include "respring/progress.h"

#include <algorithm>
#include <ostream>

namespace respring::cmd {
namespace {

using namespace std::chrono_literals;
constexpr auto kBarEvery = 100ms;
constexpr auto kLineEvery = 10s;
constexpr int kBarCells = 20;

std::string short_rate(double per_second) {
  if (per_second >= 10'000)
    return std::to_string(static_cast<std::int64_t>(per_second / 1000)) + "k";
  return std::to_string(static_cast<std::int64_t>(per_second));
}

std::string short_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h";
}

}  // namespace

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = digits.starts_with("-") ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

Progress::Progress(const Console& console, std::ostream& err, std::string what, std::string unit,
                   std::int64_t total, Now now)
    : err_(err),
      what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      now_(std::move(now)),
      quiet_(console.common().quiet),
      bar_(console.interactive()),
      start_(now_()),
      last_(start_) {}

std::string Progress::line(std::int64_t done, double elapsed_s) const {
  const double rate = elapsed_s > 0 ? static_cast<double>(done) / elapsed_s : 0;
  std::string out = what_ + "  ";
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    if (bar_) {
      const int full = static_cast<int>(share * kBarCells);
      for (int i = 0; i < kBarCells; ++i) out += i < full ? "█" : "░";
      out += "  ";
    }
    out += std::to_string(static_cast<int>(share * 100)) + " %  " + with_commas(done) + " / " +
           with_commas(total_);
  } else {
    out += with_commas(done);
  }
  out += " " + unit_ + "  " + short_rate(rate) + " " + unit_ + "/s";
  if (total_ > done && rate > 0) {
    out += "  eta " + short_time(static_cast<double>(total_ - done) / rate);
  }
  return out;
}

void Progress::update(std::int64_t done) {
  if (quiet_) return;
  const auto now = now_();
  if (now - last_ <
      (bar_ ? std::chrono::nanoseconds(kBarEvery) : std::chrono::nanoseconds(kLineEvery)))
    return;
  last_ = now;
  const std::string text = line(done, std::chrono::duration<double>(now - start_).count());
  if (bar_) {
    err_ << "\r\x1b[K" << text << std::flush;
    drawn_ = true;
  } else {
    err_ << text << '\n' << std::flush;
  }
}

void Progress::finish() {
  if (drawn_) err_ << '\n' << std::flush;
  drawn_ = false;
}

}  // namespace respring::cmd
