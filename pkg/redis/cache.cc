#include "redis/cache.h"

namespace respring::redis {
namespace {

constexpr std::size_t kMaxKey = 512;
constexpr std::size_t kMaxValue = 1024 * 1024;

using Words = std::vector<std::string>;

class RedisCache final : public chat::Cache {
 public:
  explicit RedisCache(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  Task<Result<void>> put(std::string key, std::string value,
                         std::chrono::milliseconds life) override {
    if (key.size() > kMaxKey || value.size() > kMaxValue)
      co_return invalid("too large for the cache");
    if (life.count() <= 0) co_return co_await erase(std::move(key));
    Words words = {"SET", name_of(key), std::move(value), "PX", std::to_string(life.count())};
    auto reply = co_await client_->call(std::move(words));
    RESPRING_CO_TRYV(answer_of(std::move(reply)));
    co_return success();
  }

  Task<Result<std::optional<std::string>>> get(std::string key) override {
    return value_of("GET", std::move(key));
  }

  Task<Result<std::optional<std::string>>> take(std::string key) override {
    return value_of("GETDEL", std::move(key));
  }

  Task<Result<void>> erase(std::string key) override {
    Words words = {"DEL", name_of(key)};
    auto reply = co_await client_->call(std::move(words));
    RESPRING_CO_TRYV(answer_of(std::move(reply)));
    co_return success();
  }

 private:
  static std::string name_of(const std::string& key) { return "rs:cache:" + key; }

  Task<Result<std::optional<std::string>>> value_of(std::string verb, std::string key) {
    if (key.size() > kMaxKey) co_return std::nullopt;
    Words words = {std::move(verb), name_of(key)};
    auto called = co_await client_->call(std::move(words));
    RESPRING_CO_TRY(Reply reply, answer_of(std::move(called)));
    if (reply.kind == Reply::Kind::nil) co_return std::nullopt;
    co_return std::move(reply.text);
  }

  std::shared_ptr<Client> client_;
};

}  // namespace

std::unique_ptr<chat::Cache> make_cache(std::shared_ptr<Client> client) {
  return std::make_unique<RedisCache>(std::move(client));
}

}  // namespace respring::redis
