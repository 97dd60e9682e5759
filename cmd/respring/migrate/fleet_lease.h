#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "respring/site.h"

namespace respring::cmd {

/// While it lives no slot moves, and no other migration of these databases runs. One that died
/// holds nobody up: the server gives its lock to the next, and its lease ends within a minute.
class FleetLease {
 public:
  explicit FleetLease(const Site& site) : site_(site) {}
  ~FleetLease();
  FleetLease(const FleetLease&) = delete;
  FleetLease& operator=(const FleetLease&) = delete;

  /// `conflict` with the reason while somebody else works on the fleet. The meta database must be
  /// current. Once.
  Result<void> take();

 private:
  void renew();

  const Site& site_;
  std::string holder_;
  std::unique_ptr<sql::Connection> connection_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace respring::cmd
