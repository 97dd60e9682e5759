#include "respring/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "contract/temporary_folder.h"

namespace respring::cmd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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
  EXPECT_EQ(problems_of({{"blobs", "file:/srv/blobs"}}), "");
  EXPECT_EQ(problems_of({{"peers.message", "http://one:8080,http://two:8080"}}), "");
}

TEST(Settings, AWrongUrlSaysWhatIsRight) {
  EXPECT_THAT(problems_of({{"stores.user", "postgres://x/y"}}),
              HasSubstr("use sqlite:FILE or mysql:"));
  EXPECT_THAT(problems_of({{"stores.user", "mysql://x@h"}}), HasSubstr("is not right"));
  EXPECT_THAT(problems_of({{"bus", "lokal"}}), HasSubstr("kafka://host"));
  EXPECT_THAT(problems_of({{"redis.sessions", "http://x"}}), HasSubstr("or use local"));
  EXPECT_THAT(problems_of({{"peers.user", "respring-user:8080"}}), HasSubstr("http://host:port"));
}

TEST(Settings, APasswordStandsInAFileAndNeverInAUrl) {
  for (const auto& [key, url] :
       {std::pair("stores.user", "mysql://me:hunter2@localhost/user"),
        std::pair("redis.pubsub", "redis://:hunter2@localhost/0"),
        std::pair("redis.limits", "redis://me:hunter2@localhost/0"),
        std::pair("search", "elasticsearch+http://me:hunter2@localhost:9200"),
        std::pair("blobs", "s3://me:hunter2@chat"),
        std::pair("blobs", "s3://chat?endpoint=http://me:hunter2@localhost:8333"),
        std::pair("bus", "kafka://me:hunter2@localhost:9092")}) {
    const auto problem = problems_of({{key, url}});
    EXPECT_NE(problem, "") << key;
    EXPECT_THAT(problem, Not(HasSubstr("hunter2"))) << key;
  }
  EXPECT_THAT(problems_of({{"redis.pubsub", "redis://:hunter2@localhost/0"}}), HasSubstr("_file"));
}

TEST(Settings, ABucketNeedsItsKeys) {
  const testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "secret").string();
  std::ofstream(file) << "hunter2\n";
  const std::pair<std::string, std::string> bucket = {"blobs", "s3://chat/site?region=eu-north-1"};
  EXPECT_THAT(problems_of({bucket}), HasSubstr("blobs_access_key: is missing"));
  EXPECT_THAT(problems_of({bucket, {"blobs_access_key", "anna"}}),
              HasSubstr("blobs_secret_key_file: is missing"));
  EXPECT_EQ(problems_of({bucket, {"blobs_access_key", "anna"}, {"blobs_secret_key_file", file}}),
            "");
  EXPECT_THAT(problems_of({{"blobs", "s3://chat?regoin=eu"}}),
              HasSubstr("regoin is not known; region is"));
  EXPECT_THAT(problems_of({{"blobs", "gs://chat"}}), HasSubstr("use file:FOLDER or s3://BUCKET"));
  EXPECT_THAT(problems_of({{"blobs", "file:"}}), HasSubstr("use file:FOLDER"));
}

TEST(Settings, APasswordOfTheSearchEngineIsSomebodys) {
  const testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "password").string();
  std::ofstream(file) << "secret";
  const std::pair<std::string, std::string> password = {"search_password_file", file};
  EXPECT_THAT(
      problems_of({{"search", "elasticsearch+http://e:9200"}, password}),
      HasSubstr("search: names no user, and search_password_file holds the password of one"));
  EXPECT_EQ(problems_of({{"search", "elasticsearch+http://elastic@e:9200"}, password}), "");
  EXPECT_EQ(problems_of({{"search", "elasticsearch+http://e:9200"}}), "");
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
