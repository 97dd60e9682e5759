#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "chat/types.h"

namespace respring::user {

/// Remembers for a short while which token hash is which live session, so that a busy client does
/// not read the database with every request. Bounded: the oldest entry goes first. Safe from any
/// thread.
class SessionCache {
 public:
  struct Options {
    std::size_t capacity = 20'000;
    std::chrono::seconds life{30};
  };
  SessionCache() : SessionCache(Options{}) {}
  explicit SessionCache(Options options) : options_(options) {}

  /// Taken before the database is asked; see put().
  using Ticket = std::uint64_t;
  Ticket begin() const;

  /// Nothing when unknown, older than the life, or expired at `now`.
  std::optional<chat::Session> find(const std::string& token_hash, Time now) const;

  /// Remembers what the database said since `begin()`, unless any session was dropped since: it
  /// may have been this one, ended after it was read.
  void put(Ticket begun, std::string token_hash, chat::Session session, Time now);

  void drop(SessionId session);
  void drop_user(UserId user);

  /// Notes the use of a session; true when the last noted one is a minute or more ago, that is
  /// when the database should hear of it.
  bool mark_used(const std::string& token_hash, Time now);

 private:
  struct Entry {
    std::string token_hash;
    chat::Session session;
    Time until{};
  };
  using Entries = std::list<Entry>;

  Entries::iterator erase(Entries::iterator entry);

  Options options_;
  mutable std::mutex mutex_;
  Entries entries_;  ///< oldest first
  std::unordered_map<std::string, Entries::iterator> by_hash_;
  std::unordered_map<SessionId, Entries::iterator> by_session_;
  Ticket dropped_ = 0;
};

}  // namespace respring::user
