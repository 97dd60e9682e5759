#include "services/user/session_cache.h"

namespace respring::user {
namespace {

constexpr std::chrono::minutes kTouchEvery{1};

}  // namespace

SessionCache::Ticket SessionCache::begin() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::optional<chat::Session> SessionCache::find(const std::string& token_hash, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(token_hash);
  if (found == by_hash_.end()) return std::nullopt;
  const Entry& entry = *found->second;
  if (now >= entry.until || now >= entry.session.expires_at) return std::nullopt;
  return entry.session;
}

void SessionCache::put(Ticket begun, std::string token_hash, chat::Session session, Time now) {
  const std::lock_guard lock(mutex_);
  if (begun != dropped_ || options_.capacity == 0) return;
  if (const auto old = by_hash_.find(token_hash); old != by_hash_.end()) erase(old->second);
  if (entries_.size() >= options_.capacity) erase(entries_.begin());
  const SessionId id = session.id;
  entries_.push_back({token_hash, std::move(session), now + options_.life});
  by_session_[id] = std::prev(entries_.end());
  by_hash_[std::move(token_hash)] = std::prev(entries_.end());
}

void SessionCache::drop(SessionId session) {
  const std::lock_guard lock(mutex_);
  ++dropped_;
  if (const auto found = by_session_.find(session); found != by_session_.end())
    erase(found->second);
}

void SessionCache::drop_user(UserId user) {
  const std::lock_guard lock(mutex_);
  ++dropped_;
  for (auto entry = entries_.begin(); entry != entries_.end();)
    entry = entry->session.user == user ? erase(entry) : std::next(entry);
}

bool SessionCache::mark_used(const std::string& token_hash, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(token_hash);
  if (found == by_hash_.end()) return false;
  chat::Session& session = found->second->session;
  if (now - session.last_used_at < kTouchEvery) return false;
  session.last_used_at = now;
  return true;
}

SessionCache::Entries::iterator SessionCache::erase(Entries::iterator entry) {
  by_hash_.erase(entry->token_hash);
  by_session_.erase(entry->session.id);
  return entries_.erase(entry);
}

}  // namespace respring::user
