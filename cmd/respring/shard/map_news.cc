#include "respring/shard/map_news.h"

#include "async/run.h"
#include "respring/backends.h"
#include "respring/serve/platform.h"

namespace respring::cmd {

Result<std::unique_ptr<MapNews>> MapNews::open(const RedisSettings& settings) {
  auto news = std::unique_ptr<MapNews>(new MapNews);
  if (settings.pubsub == "local") return news;
  news->io_.start();
  RESPRING_TRY(auto options,
               redis_of(settings, "pubsub", settings.pubsub, news->io_.at(0).get_executor()));
  news->client_ = std::make_unique<redis::Client>(std::move(options));
  return news;
}

void MapNews::tell() {
  if (!client_) return;
  const std::string_view words[] = {"PUBLISH", kMapChannel, "changed"};
  client_->send(words, [](const Result<redis::Reply>&) {});
}

// A question behind them is answered after them.
MapNews::~MapNews() {
  if (!client_) return;
  auto ping = client_->call({"PING"});
  static_cast<void>(
      async::block_on<Result<redis::Reply>>(io_.at(0).get_executor(), std::move(ping)));
  client_.reset();
  io_.stop();
}

}  // namespace respring::cmd
