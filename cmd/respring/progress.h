#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "respring/console.h"

namespace respring::cmd {

/// How far a long job is: a bar with rate and remaining time on a terminal, a line every ten
/// seconds elsewhere, nothing with --quiet. Call update() as often as you like.
class Progress {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `what` is one word ("copy"), `unit` is counted ("rows"). A total of 0 is not known.
  Progress(const Console& console, std::ostream& err, std::string what, std::string unit,
           std::int64_t total, Now now = std::chrono::steady_clock::now);

  void update(std::int64_t done);
  /// Ends the bar's line.
  void finish();

 private:
  std::string line(std::int64_t done, double elapsed_s) const;

  std::ostream& err_;
  std::string what_;
  std::string unit_;
  std::int64_t total_;
  Now now_;
  bool quiet_;
  bool bar_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

/// 149,210.
std::string with_commas(std::int64_t number);

}  // namespace respring::cmd
