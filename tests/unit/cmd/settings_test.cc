#include "respring/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace respring::cmd {
namespace {

using testing::HasSubstr;

std::string problems_of(std::vector<std::pair<std::string, std::string>> flags) {
  Settings settings;
  const auto loaded =
      load_settings(settings, {.file = {}, .flags = std::move(flags), .environment = {}});
  return loaded ? "" : loaded.error().text();
}

TEST(Settings, EachBackendIsOneUrl) {
  EXPECT_EQ(problems_of({{"stores.meta", "mysql://respring@localhost/meta"}}), "");
  EXPECT_EQ(problems_of({{"bus", "kafka://one:9092,two:9092"}}), "");
  EXPECT_EQ(problems_of({{"redis.pubsub", "redis://localhost/3"}}), "");
  EXPECT_EQ(problems_of({{"search", "opensearch+http://localhost:9200"}}), "");
  EXPECT_EQ(problems_of({{"peers.message", "http://one:8080,http://two:8080"}}), "");
}

TEST(Settings, AWrongUrlSaysWhatIsRight) {
  EXPECT_THAT(problems_of({{"stores.user", "postgres://x/y"}}),
              HasSubstr("use sqlite:FILE or mysql:"));
  EXPECT_THAT(problems_of({{"stores.user", "mysql://x@h"}}), HasSubstr("is not right"));
  EXPECT_THAT(problems_of({{"bus", "lokal"}}), HasSubstr("kafka://host"));
  EXPECT_THAT(problems_of({{"redis.sessions", "http://x"}}), HasSubstr("or use local"));
  EXPECT_THAT(problems_of({{"peers.user", "respring-user:8080"}}), HasSubstr("http://host:port"));
  const auto secret = problems_of({{"stores.user", "mysql://me:hunter2@localhost/user"}});
  EXPECT_THAT(secret, HasSubstr("_file"));
}

TEST(Settings, ShardsHaveNamesAndDatabasesOfTheirOwn) {
  EXPECT_THAT(problems_of({{"stores.shards.1.name", "shard-0"}}),
              HasSubstr("stores.shards.1.name: stands twice"));
  EXPECT_THAT(problems_of({{"stores.shards.1.dsn", "sqlite:shard-0.db"}}),
              HasSubstr("is another shard's, too"));
  EXPECT_THAT(problems_of({{"stores.shards.2.name", "third"}}),
              HasSubstr("stores.shards.2.dsn: is missing"));
  EXPECT_THAT(problems_of({{"stores.shards.0.name", "Shard 0"}}), HasSubstr("a-z, 0-9 and -"));
}

TEST(Settings, OriginsAreOrigins) {
  EXPECT_EQ(problems_of({{"allowed_origins", "https://a.example,http://localhost:5173"}}), "");
  for (const char* bad :
       {"a.example", "https://a.example/", "https://", "https://a.example,*", "ftp://x"}) {
    EXPECT_THAT(problems_of({{"allowed_origins", bad}}), HasSubstr("is not an origin")) << bad;
  }
}

}  // namespace
}  // namespace respring::cmd
