#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "chat/ports/blob_store.h"

namespace respring::store {

/// Objects in memory; can be told to be out of reach.
class MemoryBlobs final : public chat::BlobStore {
 public:
  Result<void> put(std::string key, std::string bytes) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    objects_[std::move(key)] = std::move(bytes);
    return success();
  }
  Result<std::string> get(std::string key) override {
    const std::lock_guard lock(mutex_);
    ++looks_;
    if (away_) return gone();
    const auto found = objects_.find(key);
    if (found == objects_.end()) return not_found("no such blob");
    return found->second;
  }
  Result<void> remove(std::string key) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    objects_.erase(key);
    return success();
  }
  Result<std::vector<std::string>> list(std::string prefix) override {
    const std::lock_guard lock(mutex_);
    if (away_) return gone();
    std::vector<std::string> keys;
    for (const auto& [key, bytes] : objects_) {
      if (key.starts_with(prefix)) keys.push_back(key);
    }
    return keys;
  }

  void be_away(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return objects_.size();
  }
  std::string all_bytes() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [key, bytes] : objects_) all += bytes;
    return all;
  }
  int looks() {
    const std::lock_guard lock(mutex_);
    return looks_;
  }

 private:
  static Error gone() { return {ErrorCode::upstream_unavailable, "the blobs are away", {}, {}}; }

  std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  bool away_ = false;
  int looks_ = 0;
};

}  // namespace respring::store
