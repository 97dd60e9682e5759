#include "local/shared_sessions.h"

#include <charconv>
#include <list>
#include <mutex>
#include <unordered_map>

namespace respring::local {
namespace {

using chat::SharedSessions;
using Moment = std::chrono::steady_clock::time_point;

/// When something ended, for a while.
template <class Id>
class Marks {
 public:
  bool stands(Id id, Moment now) const {
    const auto found = until_.find(id);
    return found != until_.end() && found->second > now;
  }
  void set(Id id, Moment until) { until_[id] = until; }
  void clear(Id id) { until_.erase(id); }
  void clear() { until_.clear(); }
  void forget_old(Moment now) {
    std::erase_if(until_, [now](const auto& mark) { return mark.second <= now; });
  }
  std::size_t size() const { return until_.size(); }

 private:
  std::unordered_map<Id, Moment> until_;
};

class LocalSharedSessions final : public SharedSessions {
 public:
  explicit LocalSharedSessions(SharedSessionOptions options) : options_(std::move(options)) {}

  Task<Result<Found>> find(std::string token_hash) override {
    const std::lock_guard lock(mutex_);
    const Moment now = options_.now();
    Found found;
    const auto known = by_hash_.find(token_hash);
    if (known != by_hash_.end() && known->second->until > now &&
        !has_ended(known->second->session, now)) {
      found.session = known->second->session;
    } else {
      if (known != by_hash_.end()) drop(known->second);
      found.ticket.text = std::to_string(now.time_since_epoch().count());
    }
    co_return found;
  }

  Task<Result<Put>> put(Ticket ticket, std::string token_hash, chat::Session session) override {
    const std::lock_guard lock(mutex_);
    const Moment now = options_.now();
    if (has_ended(session, now)) co_return Put::ended;
    const Moment asked = moment_of(ticket);
    if (asked > now || asked + options_.lives.asking < now || now < closed_until_)
      co_return Put::dropped;
    if (const auto old = by_hash_.find(token_hash); old != by_hash_.end()) drop(old->second);
    while (!entries_.empty() && entries_.size() >= options_.max_entries) drop(entries_.begin());
    entries_.push_back({token_hash, std::move(session), asked + options_.lives.entry});
    by_hash_.emplace(std::move(token_hash), std::prev(entries_.end()));
    co_return Put::kept;
  }

  Task<Result<void>> end(std::vector<SessionId> sessions) override {
    const std::lock_guard lock(mutex_);
    const Moment now = options_.now();
    for (const SessionId session : sessions) {
      ended_.set(session, now + options_.lives.ended);
      bound(now);
    }
    co_return success();
  }

  Task<Result<void>> bar(UserId user) override {
    const std::lock_guard lock(mutex_);
    const Moment now = options_.now();
    barred_.set(user, now + options_.lives.ended);
    bound(now);
    co_return success();
  }

  Task<Result<void>> unbar(UserId user) override {
    const std::lock_guard lock(mutex_);
    barred_.clear(user);
    co_return success();
  }

 private:
  struct Entry {
    std::string token_hash;
    chat::Session session;
    Moment until;
  };
  using Entries = std::list<Entry>;

  static Moment moment_of(const Ticket& ticket) {
    Moment::rep count = 0;
    std::from_chars(ticket.text.data(), ticket.text.data() + ticket.text.size(), count);
    return Moment(Moment::duration(count));
  }

  bool has_ended(const chat::Session& session, Moment now) const {
    return ended_.stands(session.id, now) || barred_.stands(session.user, now);
  }

  void drop(Entries::iterator entry) {
    by_hash_.erase(entry->token_hash);
    entries_.erase(entry);
  }

  /// Too many marks: instead of forgetting one that still counts, nothing is kept for their time.
  void bound(Moment now) {
    if (ended_.size() + barred_.size() <= options_.max_ended) return;
    ended_.forget_old(now);
    barred_.forget_old(now);
    if (ended_.size() + barred_.size() <= options_.max_ended) return;
    closed_until_ = now + options_.lives.ended;
    entries_.clear();
    by_hash_.clear();
    ended_.clear();
    barred_.clear();
  }

  const SharedSessionOptions options_;
  std::mutex mutex_;
  Entries entries_;  ///< oldest first
  std::unordered_map<std::string, Entries::iterator> by_hash_;
  Marks<SessionId> ended_;
  Marks<UserId> barred_;
  Moment closed_until_{};
};

}  // namespace

std::unique_ptr<SharedSessions> make_shared_sessions(SharedSessionOptions options) {
  return std::make_unique<LocalSharedSessions>(std::move(options));
}

}  // namespace respring::local
