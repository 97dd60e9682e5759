#include "local/presence.h"

#include <functional>
#include <map>
#include <mutex>
#include <queue>
#include <unordered_map>
#include <utility>

namespace respring::local {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

class LocalPresence final : public chat::Presence {
 public:
  explicit LocalPresence(SteadyNow now) : now_(std::move(now)) {}

  Task<Result<bool>> enter(UserId user, std::string connection,
                           std::chrono::milliseconds life) override {
    const std::lock_guard lock(mutex_);
    forget_ended();
    auto& connections = users_[user];
    const bool came = connections.empty();
    const TimePoint ends_at = now_() + life;
    Entry& entry = connections[connection];
    entry.ends_at = ends_at;
    if (entry.queued_at == TimePoint{} || ends_at < entry.queued_at) {
      entry.queued_at = ends_at;
      ends_.push({ends_at, user, std::move(connection)});
    }
    co_return came;
  }

  Task<Result<bool>> leave(UserId user, std::string connection) override {
    const std::lock_guard lock(mutex_);
    forget_ended();
    remove(user, connection);
    co_return !users_.contains(user);
  }

  Task<Result<std::vector<UserId>>> online(std::vector<UserId> users) override {
    const std::lock_guard lock(mutex_);
    forget_ended();
    std::erase_if(users, [this](UserId user) { return !users_.contains(user); });
    co_return users;
  }

 private:
  struct Entry {
    TimePoint ends_at{};
    TimePoint queued_at{};  ///< `at` of its End; others that are left over are ignored
  };

  /// When an entry must be looked at next: it may have been renewed or left since.
  struct End {
    TimePoint at;
    UserId user;
    std::string connection;
    bool operator>(const End& other) const { return at > other.at; }
  };

  void forget_ended() {
    const TimePoint now = now_();
    while (!ends_.empty() && ends_.top().at <= now) {
      End end = ends_.top();
      ends_.pop();
      const auto user = users_.find(end.user);
      if (user == users_.end()) continue;
      const auto entry = user->second.find(end.connection);
      if (entry == user->second.end() || entry->second.queued_at != end.at) continue;
      if (entry->second.ends_at <= now) {
        remove(end.user, end.connection);
      } else {
        end.at = entry->second.queued_at = entry->second.ends_at;
        ends_.push(std::move(end));
      }
    }
  }

  void remove(UserId user, const std::string& connection) {
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    found->second.erase(connection);
    if (found->second.empty()) users_.erase(found);
  }

  SteadyNow now_;
  std::mutex mutex_;
  /// Nobody without connections.
  std::unordered_map<UserId, std::map<std::string, Entry>> users_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace

std::unique_ptr<chat::Presence> make_presence(SteadyNow now) {
  return std::make_unique<LocalPresence>(std::move(now));
}

}  // namespace respring::local
