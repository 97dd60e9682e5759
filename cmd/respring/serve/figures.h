#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "respring/serve/platform.h"

namespace respring::cmd {

/// Brings the gauges of the stores up to what they say now; before each scrape.
void refresh_figures(const Platform& platform);

/// Tells the metrics every five seconds how far the groups of this process are behind and how far
/// moves of slots are: asking may take a cluster's time, so it has a thread of its own. Borrows the
/// platform.
class SlowFigures {
 public:
  SlowFigures(const Platform& platform, std::vector<std::string> groups);
  ~SlowFigures();
  SlowFigures(const SlowFigures&) = delete;
  SlowFigures& operator=(const SlowFigures&) = delete;

 private:
  void watch();
  void ask_for_lags();
  void ask_for_moves();

  const Platform& platform_;
  const std::vector<std::string> groups_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace respring::cmd
