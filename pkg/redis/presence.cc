// A sorted set per user: a member for each connection, its score the end of its life in
// microseconds. Scripts forget what has ended before they look. The key itself expires a minute
// after its last entry, so that nothing stays of those who never come back.
#include "redis/presence.h"

#include <algorithm>

namespace respring::redis {
namespace {

constexpr std::string_view kEnter = R"(
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local before = redis.call('ZCARD', KEYS[1])
redis.call('ZADD', KEYS[1], now + ARGV[3] * 1000, ARGV[2])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.floor((last[2] - now) / 1000) + 60000)
return before
)";
constexpr std::string_view kLeave = R"(
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZCARD', KEYS[1])
)";
constexpr std::string_view kOnline = R"(
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('ZCOUNT', key, '(' .. string.format('%.0f', now), '+inf')
end
return counts
)";
constexpr std::size_t kUsersAtOnce = 500;  // a script holds the server up while it runs

std::string script(std::string_view body) { return std::string(kNowInScript).append(body); }

std::string key_of(UserId user) { return "rs:presence:" + user.str(); }

class RedisPresence final : public chat::Presence {
 public:
  RedisPresence(std::shared_ptr<Client> client, ServerTime now)
      : client_(std::move(client)), now_(std::move(now)) {}

  Task<Result<bool>> enter(UserId user, std::string connection,
                           std::chrono::milliseconds life) override {
    std::vector<std::string> words = {key_of(user), now_argument(now_), std::move(connection),
                                      std::to_string(std::max<std::int64_t>(life.count(), 0))};
    RESPRING_CO_TRY(const Reply before, co_await enter_.run(*client_, 1, std::move(words)));
    co_return before.integer == 0;
  }

  Task<Result<bool>> leave(UserId user, std::string connection) override {
    std::vector<std::string> words = {key_of(user), now_argument(now_), std::move(connection)};
    RESPRING_CO_TRY(const Reply left, co_await leave_.run(*client_, 1, std::move(words)));
    co_return left.integer == 0;
  }

  Task<Result<std::vector<UserId>>> online(std::vector<UserId> users) override {
    std::vector<UserId> found;
    for (std::size_t from = 0; from < users.size(); from += kUsersAtOnce) {
      const std::size_t count = std::min(kUsersAtOnce, users.size() - from);
      std::vector<std::string> words;
      words.reserve(count + 1);
      for (std::size_t i = 0; i < count; ++i) words.push_back(key_of(users[from + i]));
      words.push_back(now_argument(now_));
      const int keys = static_cast<int>(count);
      RESPRING_CO_TRY(const Reply counts, co_await online_.run(*client_, keys, std::move(words)));
      for (std::size_t i = 0; i < std::min(count, counts.elements.size()); ++i) {
        if (counts.elements[i].integer > 0) found.push_back(users[from + i]);
      }
    }
    co_return found;
  }

 private:
  std::shared_ptr<Client> client_;
  ServerTime now_;
  const Script enter_{script(kEnter)};
  const Script leave_{script(kLeave)};
  const Script online_{script(kOnline)};
};

}  // namespace

std::unique_ptr<chat::Presence> make_presence(std::shared_ptr<Client> client, ServerTime now) {
  return std::make_unique<RedisPresence>(std::move(client), std::move(now));
}

}  // namespace respring::redis
