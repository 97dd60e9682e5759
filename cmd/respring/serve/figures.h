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

/// Tells the metrics every five seconds how far the groups of this process are behind: asking may
/// take a cluster's time, so it has a thread of its own. Borrows the bus.
class LagWatch {
 public:
  LagWatch(chat::EventBus& bus, std::vector<std::string> groups);
  ~LagWatch();
  LagWatch(const LagWatch&) = delete;
  LagWatch& operator=(const LagWatch&) = delete;

 private:
  void watch();

  chat::EventBus& bus_;
  const std::vector<std::string> groups_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace respring::cmd
