#include "respring/migrate/fleet_lease.h"

#include <pthread.h>

#include "base/ids.h"
#include "store/move_records.h"

namespace respring::cmd {
namespace {

constexpr std::string_view kTurn = "respring fleet ";
constexpr auto kLease = std::chrono::seconds(60);
constexpr auto kRenewEvery = std::chrono::seconds(15);

}  // namespace

Result<void> FleetLease::take() {
  auto opened = open_existing(site_.dir, site_.settings.stores.meta, false);
  if (!opened) return internal("meta: " + opened.error().detail);
  const auto turn = opened.value()->lock(kTurn, std::chrono::seconds(1));
  if (!turn) {
    return Error{ErrorCode::conflict, "another migration of these databases runs", {}, {}};
  }
  holder_ = "migrate-" + new_uuid().str();
  const auto taken =
      store::take_migrate_lease(*opened.value(), holder_, SystemClock().now() + kLease);
  if (!taken) return taken.error().error();
  connection_ = std::move(opened).value();
  thread_ = std::thread([this] { renew(); });
  pthread_setname_np(thread_.native_handle(), "fleet-lease");
  return success();
}

void FleetLease::renew() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kRenewEvery, [this] { return ending_; })) {
    // What fails is tried again before the lease ends.
    static_cast<void>(
        store::renew_migrate_lease(*connection_, holder_, SystemClock().now() + kLease));
  }
}

FleetLease::~FleetLease() {
  if (!connection_) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
  static_cast<void>(store::release_migrate_lease(*connection_, holder_));
}

}  // namespace respring::cmd
