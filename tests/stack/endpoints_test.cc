#include "stack/endpoints.h"

#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace respring::testing::stack {
namespace {

TEST(Endpoints, AServerThatDoesNotRunIsNamedWithTheCommand) {
  const TemporaryFolder empty;
  const Endpoints none(empty.path());
  EXPECT_THROW(none.search_url("opensearch"), std::runtime_error);
  try {
    none.mariadb();
    FAIL() << "there is none";
  } catch (const std::runtime_error& problem) {
    EXPECT_NE(std::string(problem.what()).find("stack up mariadb"), std::string::npos);
  }
}

TEST(Endpoints, AreReadFromTheFileOfTheStack) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "endpoints.json")
      << R"({"mysql": [{"host": "h", "port": 1}, {"host": "i", "port": 2, "ca": "c"}],)"
      << R"("redis": {"url": "redis://r"}, "kafka": {"bootstrap": "k:1"}})";
  const Endpoints some(folder.path());
  ASSERT_EQ(some.mysql().size(), 2U);
  EXPECT_EQ(some.mysql()[1].port, 2);
  EXPECT_EQ(some.mysql()[1].ca, "c");
  EXPECT_EQ(some.redis_url(), "redis://r");
  EXPECT_EQ(some.kafka_bootstrap(), "k:1");
  EXPECT_THROW(some.search_url(), std::runtime_error);
}

TEST(PrivateServer, LivesAsLongAsItsTest) {
  std::string url;
  {
    PrivateServer redis("redis");
    url = redis.endpoints().redis_url();
    redis.kill();
    EXPECT_THROW(redis.endpoints().redis_url(), std::runtime_error);
    redis.start();
    EXPECT_EQ(redis.endpoints().redis_url(), url) << "on its old port";
  }
  EXPECT_FALSE(url.empty());
}

}  // namespace
}  // namespace respring::testing::stack
