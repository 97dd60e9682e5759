// The generic cell rate algorithm (ITU-T I.371), as a script: the key holds the moment at which the
// bucket will be full again, in microseconds. A token costs one interval of that time; a bucket may
// lie at most `depth` ahead. A bucket whose moment has passed is full: its key expires by itself.
#include "redis/rate_limiter.h"

#include <algorithm>
#include <charconv>

namespace respring::redis {
namespace {

// Answers 0, or the microseconds until the next token. Texts, because Lua's numbers lose their
// fraction on the way out.
constexpr std::string_view kTake = R"(
local interval = tonumber(ARGV[2])
local depth = tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or '0')
if full_at < now then full_at = now end
full_at = full_at + interval
local early = full_at - now - depth
if early > 0.5 then return math.ceil(early) end
redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX',
           math.ceil((full_at - now) / 1000) + 5000)
return 0
)";
constexpr double kLongestUs = 30.0 * 24 * 3600 * 1e6;  // a month
constexpr std::size_t kMaxKey = 512;

std::string text_of(double number) {
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 std::chars_format::fixed, 3)
                       .ptr;
  return std::string(digits.data(), end);
}

class RedisRateLimiter final : public chat::RateLimiter {
 public:
  RedisRateLimiter(std::shared_ptr<Client> client, std::unique_ptr<chat::RateLimiter> fallback,
                   ServerTime now)
      : client_(std::move(client)), fallback_(std::move(fallback)), now_(std::move(now)) {}

  Task<chat::RateDecision> take(std::string key, chat::RateLimit limit) override {
    if (limit.off()) co_return chat::RateDecision{};
    if (key.size() > kMaxKey) key.resize(kMaxKey);
    const double interval = std::min(1e6 / limit.per_second, kLongestUs);
    const double depth = std::min(interval * std::max(limit.burst, 1.0), kLongestUs);
    std::vector<std::string> words = {"rs:rate:" + key, now_argument(now_), text_of(interval),
                                      text_of(depth)};
    const auto reply = co_await take_.run(*client_, 1, std::move(words));
    if (reply && reply.assume_value().kind == Reply::Kind::integer) {
      const std::chrono::microseconds early(reply.assume_value().integer);
      if (early.count() == 0) co_return chat::RateDecision{};
      co_return chat::RateDecision{false, std::chrono::ceil<std::chrono::milliseconds>(early)};
    }
    if (fallback_) co_return co_await fallback_->take(std::move(key), limit);
    co_return chat::RateDecision{false, std::chrono::seconds(1)};
  }

 private:
  std::shared_ptr<Client> client_;
  std::unique_ptr<chat::RateLimiter> fallback_;
  ServerTime now_;
  const Script take_{std::string(kNowInScript).append(kTake)};
};

}  // namespace

std::unique_ptr<chat::RateLimiter> make_rate_limiter(std::shared_ptr<Client> client,
                                                     std::unique_ptr<chat::RateLimiter> fallback,
                                                     ServerTime now) {
  return std::make_unique<RedisRateLimiter>(std::move(client), std::move(fallback), std::move(now));
}

}  // namespace respring::redis
