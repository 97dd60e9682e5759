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

TEST(Settings, BackendsOfLaterVersionsAreRefusedWithWhatToUse) {
  EXPECT_THAT(problems_of({{"stores.meta", "mysql://respring@localhost/meta"}}),
              HasSubstr("not in this version; use sqlite:FILE"));
  EXPECT_THAT(problems_of({{"bus", "kafka://localhost:9092"}}),
              HasSubstr("not in this version; use local"));
  EXPECT_THAT(problems_of({{"redis", "redis://localhost"}}),
              HasSubstr("not in this version; use local"));
  EXPECT_THAT(problems_of({{"search", "elasticsearch+http://x"}}),
              HasSubstr("not in this version"));
  EXPECT_THAT(problems_of({{"blobs", "s3://bucket"}}),
              HasSubstr("not in this version; use file:FOLDER"));
  EXPECT_THAT(problems_of({{"bus", "lokal"}}), HasSubstr("is not known; use local"));
  EXPECT_EQ(problems_of({{"stores.meta", "sqlite:other.db"}, {"blobs", "file:/srv/blobs"}}), "");
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
