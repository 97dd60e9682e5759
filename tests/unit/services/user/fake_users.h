#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "chat/ports/user_store.h"

namespace respring::user {

/// A UserStore in memory, for the rules above it; the contract suite is for real ones.
class FakeUsers final : public chat::UserStore {
 public:
  struct Row {
    chat::User user;
    std::string password_hash;
  };

  Task<Result<chat::User>> create(chat::NewUser fresh) override {
    if (!handles.insert(fresh.handle).second)
      co_return Error{ErrorCode::conflict, "the handle is taken", {}, {}};
    chat::User user;
    user.id = UserId{next_id++};
    user.handle = fresh.handle;
    user.display_name = fresh.display_name;
    user.locale = fresh.locale;
    rows[user.id] = {user, fresh.password_hash.reveal()};
    co_return user;
  }
  Task<Result<std::optional<chat::Credentials>>> credentials(std::string handle) override {
    for (const auto& [id, row] : rows) {
      if (row.user.handle == handle) co_return co_await credentials_of(id);
    }
    co_return std::optional<chat::Credentials>();
  }
  Task<Result<std::optional<chat::Credentials>>> credentials_of(UserId id) override {
    if (!rows.contains(id) || rows[id].user.deleted) co_return std::optional<chat::Credentials>();
    const Row& row = rows[id];
    co_return std::optional(
        chat::Credentials{id, Secret<std::string>(row.password_hash), row.user.disabled});
  }
  Task<Result<std::vector<chat::User>>> users(std::vector<UserId> ids) override {
    std::vector<chat::User> found;
    for (const UserId id : ids) {
      if (rows.contains(id)) found.push_back(rows[id].user);
    }
    co_return found;
  }
  Task<Result<std::optional<chat::User>>> by_handle(std::string) override {
    co_return std::optional<chat::User>();
  }
  Task<Result<std::vector<chat::User>>> find(std::string query, UserId after, int limit) override {
    std::vector<chat::User> found;
    for (const auto& [id, row] : rows) {
      if (id > after && std::ssize(found) < limit && row.user.handle.starts_with(query))
        found.push_back(row.user);
    }
    co_return found;
  }
  Task<Result<chat::User>> update(UserId id, chat::UserPatch patch) override {
    Row& row = rows.at(id);
    if (patch.display_name) row.user.display_name = *patch.display_name;
    if (patch.locale) row.user.locale = *patch.locale;
    if (patch.password_hash) row.password_hash = patch.password_hash->reveal();
    co_return row.user;
  }
  Task<Result<void>> erase(UserId id) override {
    if (fail_erase) co_return internal("the disk is gone");
    Row& row = rows.at(id);
    row.user.handle.clear();
    row.user.display_name.clear();
    row.user.deleted = true;
    std::erase_if(session_rows, [&](const auto& s) { return s.second.user == id; });
    co_return success();
  }

  Task<Result<chat::Session>> add_session(chat::NewSession fresh) override {
    chat::Session session;
    session.id = SessionId{next_id++};
    session.user = fresh.user;
    session.device = fresh.device;
    session.created_at = session.last_used_at = now;
    session.expires_at = fresh.expires_at;
    session_rows[fresh.token_hash] = session;
    co_return session;
  }
  Task<Result<std::optional<chat::Session>>> session_by_token(std::string hash, Time at) override {
    ++lookups;
    const auto found = session_rows.find(hash);
    if (found == session_rows.end() || found->second.expires_at <= at ||
        rows.at(found->second.user).user.disabled) {
      co_return std::optional<chat::Session>();
    }
    co_return std::optional(found->second);
  }
  Task<Result<std::vector<SessionId>>> live_sessions(std::vector<SessionId> ids, Time at) override {
    std::vector<SessionId> live;
    for (const auto& [hash, session] : session_rows) {
      if (std::find(ids.begin(), ids.end(), session.id) == ids.end()) continue;
      if (session.expires_at > at && !rows.at(session.user).user.disabled) {
        live.push_back(session.id);
      }
    }
    co_return live;
  }
  Task<Result<std::vector<chat::Session>>> sessions(UserId user, SessionId after,
                                                    int limit) override {
    std::vector<chat::Session> found;
    for (const auto& [hash, session] : session_rows) {
      if (session.user == user && session.id > after) found.push_back(session);
    }
    std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.id < b.id; });
    if (std::ssize(found) > limit) found.resize(static_cast<std::size_t>(limit));
    co_return found;
  }
  Task<Result<bool>> remove_session(UserId user, SessionId session) override {
    co_return std::erase_if(session_rows, [&](const auto& s) {
      return s.second.user == user && s.second.id == session;
    }) > 0;
  }
  Task<Result<std::vector<SessionId>>> remove_sessions(UserId user, SessionId keep) override {
    std::vector<SessionId> removed;
    for (const auto& [hash, session] : session_rows) {
      if (session.user == user && session.id != keep) removed.push_back(session.id);
    }
    std::erase_if(session_rows,
                  [&](const auto& s) { return s.second.user == user && s.second.id != keep; });
    co_return removed;
  }
  Task<Result<void>> touch_session(SessionId, Time) override {
    ++touches;
    co_return success();
  }

  Task<Result<void>> set_block(UserId blocker, UserId blocked, bool on) override {
    on ? (void)block_rows.insert({blocker, blocked}) : (void)block_rows.erase({blocker, blocked});
    co_return success();
  }
  Task<Result<std::vector<chat::User>>> blocks(UserId blocker, UserId after, int limit) override {
    std::vector<chat::User> found;
    for (const auto& [who, whom] : block_rows) {
      if (who == blocker && whom > after && std::ssize(found) < limit)
        found.push_back(rows.at(whom).user);
    }
    co_return found;
  }
  Task<Result<std::vector<UserId>>> blockers(UserId a, UserId b) override {
    std::vector<UserId> found;
    if (block_rows.contains({a, b})) found.push_back(a);
    if (block_rows.contains({b, a})) found.push_back(b);
    co_return found;
  }

  std::map<UserId, Row> rows;
  std::set<std::string> handles;
  std::map<std::string, chat::Session> session_rows;  ///< by token hash
  std::set<std::pair<UserId, UserId>> block_rows;
  std::int64_t next_id = 1;
  Time now{};
  std::atomic<int> lookups{0};
  std::atomic<int> touches{0};
  bool fail_erase = false;
};

}  // namespace respring::user
