#include "respring/measured_blobs.h"

#include <chrono>

#include "telemetry/metrics.h"

namespace respring::cmd {
namespace {

/// One of the port's functions.
class Figure {
 public:
  explicit Figure(const char* operation)
      : seconds_(metrics::histogram("respring_blob_seconds", {{"operation", operation}})),
        failures_(metrics::counter("respring_blob_failures_total", {{"operation", operation}})) {}

  /// What is not there is no failure: it was looked for.
  template <class T>
  Result<T> of(std::chrono::steady_clock::time_point begun, Result<T> outcome) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    seconds_.observe(took.count());
    if (!outcome && outcome.error().code != ErrorCode::not_found) failures_.add();
    return outcome;
  }

 private:
  metrics::Histogram seconds_;
  metrics::Counter failures_;
};

class MeasuredBlobs final : public chat::BlobStore {
 public:
  explicit MeasuredBlobs(std::unique_ptr<chat::BlobStore> store) : store_(std::move(store)) {}

  Result<void> put(std::string key, std::string bytes) override {
    const auto begun = std::chrono::steady_clock::now();
    return put_.of(begun, store_->put(std::move(key), std::move(bytes)));
  }
  Result<std::string> get(std::string key) override {
    const auto begun = std::chrono::steady_clock::now();
    return get_.of(begun, store_->get(std::move(key)));
  }
  Result<void> remove(std::string key) override {
    const auto begun = std::chrono::steady_clock::now();
    return remove_.of(begun, store_->remove(std::move(key)));
  }
  Result<std::vector<std::string>> list(std::string prefix) override {
    const auto begun = std::chrono::steady_clock::now();
    return list_.of(begun, store_->list(std::move(prefix)));
  }

 private:
  const std::unique_ptr<chat::BlobStore> store_;
  const Figure put_{"put"};
  const Figure get_{"get"};
  const Figure remove_{"remove"};
  const Figure list_{"list"};
};

}  // namespace

std::unique_ptr<chat::BlobStore> measured(std::unique_ptr<chat::BlobStore> store) {
  return std::make_unique<MeasuredBlobs>(std::move(store));
}

}  // namespace respring::cmd
