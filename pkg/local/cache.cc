#include "local/cache.h"

#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace respring::local {
namespace {

class LocalCache final : public chat::Cache {
 public:
  explicit LocalCache(CacheOptions options) : options_(std::move(options)) {}

  Task<Result<void>> put(std::string key, std::string value,
                         std::chrono::milliseconds life) override {
    const std::lock_guard lock(mutex_);
    drop(key);
    bytes_ += key.size() + value.size();
    entries_.push_front({std::move(key), std::move(value), options_.now() + life});
    by_key_.emplace(entries_.front().key, entries_.begin());
    while (entries_.size() > options_.max_entries || bytes_ > options_.max_bytes)
      drop(entries_.back().key);
    co_return success();
  }

  Task<Result<std::optional<std::string>>> get(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto found = alive(key);
    if (found == entries_.end()) co_return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found);
    co_return found->value;
  }

  Task<Result<std::optional<std::string>>> take(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto found = alive(key);
    if (found == entries_.end()) co_return std::nullopt;
    std::string value = found->value;
    drop(key);
    co_return value;
  }

  Task<Result<void>> erase(std::string key) override {
    const std::lock_guard lock(mutex_);
    drop(key);
    co_return success();
  }

 private:
  struct Entry {
    std::string key;
    std::string value;
    std::chrono::steady_clock::time_point ends_at;
  };
  using Entries = std::list<Entry>;

  /// The entry, or the end when there is none or its life is over.
  Entries::iterator alive(std::string_view key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return entries_.end();
    if (found->second->ends_at > options_.now()) return found->second;
    drop(key);
    return entries_.end();
  }

  void drop(std::string_view key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    const auto entry = found->second;
    bytes_ -= entry->key.size() + entry->value.size();
    by_key_.erase(found);
    entries_.erase(entry);  // the map's key lies in it
  }

  CacheOptions options_;
  std::mutex mutex_;
  Entries entries_;  ///< latest used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<chat::Cache> make_cache(CacheOptions options) {
  return std::make_unique<LocalCache>(std::move(options));
}

}  // namespace respring::local
