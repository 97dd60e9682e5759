// What wrong values are told, and what the rendered objects must be whatever they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ops/manifests/patch.h"
#include "ops/manifests/schedule.h"
#include "respring/manifests/environments.h"
#include "respring/manifests/facts.h"
#include "respring/manifests/line_diff.h"

namespace respring::cmd {
namespace {

using testing::HasSubstr;

/// base.yaml and `text` on top of it; the problems, or nothing.
std::string problems_with(const std::string& text) {
  std::ostringstream out;
  std::ostringstream err;
  Console console({}, out, err, false, false);
  const auto base = load_environment(console, "dev", {});
  EXPECT_TRUE(base) << err.str();
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string file = testing::TempDir() + "values-" + test->name() + ".yaml";
  std::ofstream(file) << text;
  const auto input = load_environment(console, "dev", {file});
  std::filesystem::remove(file);
  if (input) return {};
  EXPECT_EQ(input.error(), Exit::configuration);
  return err.str();
}

TEST(ManifestValues, AnUnknownOneIsToldTheNearest) {
  EXPECT_THAT(problems_with("roles: {gateway: {replica: 2}}"),
              HasSubstr(":1: unknown setting 'roles.gateway.replica'; did you mean "
                        "'roles.gateway.replicas'?"));
  EXPECT_THAT(problems_with("roles: {gatway: {replicas: 2}}"), HasSubstr("did you mean"));
  EXPECT_THAT(problems_with("config: {limits: {sends_per_usr: 1/s}}"),
              HasSubstr(":1: unknown setting 'config.limits.sends_per_usr'; did you mean "
                        "'config.limits.sends_per_user'?"));
  EXPECT_THAT(problems_with("roles: {gateway: {connections: 5}}"),
              HasSubstr("did you mean 'roles.websocket.connections'?"));
}

TEST(ManifestValues, ImpossibleOnesAreRefusedWithTheirPath) {
  EXPECT_THAT(
      problems_with("\nshutdown: {grace_seconds: 29}"),
      HasSubstr(
          ":2: shutdown.grace_seconds: 29 is too short: leaving, draining and ending take 30"));
  EXPECT_THAT(
      problems_with("config: {shutdown: {drain_seconds: 24}}\nshutdown: {grace_seconds: 33}"),
      HasSubstr("take 34 seconds"));
  EXPECT_THAT(problems_with("roles: {room: {replicas: 3, most_replicas: 2}}"),
              HasSubstr("roles.room.most_replicas: is below roles.room.replicas (3)"));
  EXPECT_THAT(problems_with("secrets: {databases: ''}"),
              HasSubstr("nothing says which Secret holds the password of stores.shards.0"));
  EXPECT_THAT(problems_with("config: {redis: {pubsub: local}}"),
              HasSubstr("config.redis.pubsub: 'local' is inside one process"));
  EXPECT_THAT(problems_with("config: {stores: {user: 'sqlite:user.db'}}"),
              HasSubstr("config.stores.user: 'sqlite:user.db' is inside one process"));
  EXPECT_THAT(problems_with("archive: {enabled: true}"),
              HasSubstr("config.blobs: 'file:./blobs' is inside one pod; archive.enabled needs"));
  EXPECT_THAT(problems_with("config: {blobs: 's3://chat', blobs_access_key: anna}"),
              HasSubstr("secrets.blobs: nothing says which Secret holds the key of the bucket"));
  EXPECT_THAT(problems_with("config: {blobs: 's3://chat'}\nsecrets: {blobs: b}"),
              HasSubstr("blobs_access_key: is missing"));
  EXPECT_THAT(problems_with("archive: {schedule: '61 * * * *'}"),
              HasSubstr("archive.schedule: '61 * * * *' has a minute that is not of 0 to 59"));
  EXPECT_THAT(problems_with("archive: {older_than: 1y}"),
              HasSubstr("archive.older_than: '1y' is not a number of days"));
  EXPECT_THAT(problems_with("archive: {time_zone: 'Seoul, Korea'}"),
              HasSubstr("archive.time_zone: 'Seoul, Korea' is not a time zone"));
  EXPECT_THAT(problems_with("ingress: {host: ''}"), HasSubstr("ingress.host: is missing"));
  EXPECT_THAT(problems_with("namespace: My_Space"), HasSubstr("is not a name"));
  EXPECT_THAT(problems_with("network: {redis: [everywhere]}"), HasSubstr("is neither a network"));
}

TEST(ManifestValues, SettingsAreNamedAsTheyStandThere) {
  EXPECT_THAT(problems_with("config:\n  stores: {user: 7}"), HasSubstr(":2: config.stores.user: "));
  EXPECT_THAT(problems_with("config: {limits: 7}"),
              HasSubstr(":1: config.limits: is a section of settings"));
  EXPECT_THAT(problems_with("config: {blobs: 's3://chat'}"),
              HasSubstr(": config.blobs_access_key: is missing"));
}

TEST(ManifestValues, TextsThatKubernetesWouldRefuseAreRefused) {
  for (const char* wrong : {"/", "10.0.0/99", "10.0.0.0/33", "10.0.0.0", "1.2.3.4.5/8",
                            "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", "namespace", "namespace A"})
    EXPECT_THAT(problems_with("network: {redis: ['" + std::string(wrong) + "']}"),
                HasSubstr("network.redis: "))
        << wrong;
  EXPECT_THAT(problems_with("network: {redis: [10.0.0.1/8]}"), HasSubstr("behind /8 to zero"));
  for (const char* right : {"10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "fd00::/8", "::1/128"})
    EXPECT_EQ(problems_with("network: {redis: ['" + std::string(right) + "']}"), "") << right;
  for (const char* wrong : {"a b/c", "-1", "1/2", "v1.", "a:b"})
    EXPECT_THAT(problems_with("image: {tag: '" + std::string(wrong) + "'}"),
                HasSubstr("image.tag: '" + std::string(wrong) + "' is not a tag"));
  for (const char* wrong : {"", "Respring", "a//b", "respring:1", "respring@sha256:00", "/a", "a/"})
    EXPECT_THAT(problems_with("image: {name: '" + std::string(wrong) + "'}"),
                HasSubstr("image.name: '" + std::string(wrong) + "' is not an image"));
  EXPECT_EQ(problems_with("image: {name: 'registry:5000/team/chat', tag: 1.0_rc-1}"), "");
  EXPECT_THAT(problems_with("image: {digest: 'sha256:12'}"), HasSubstr("is not a digest"));
  for (const char* wrong : {"redis", "redis:", "redis:a b", "redis@sha256:1"})
    EXPECT_THAT(problems_with("servers: {redis_image: '" + std::string(wrong) + "'}"),
                HasSubstr("servers.redis_image: "))
        << wrong;
  EXPECT_EQ(problems_with("servers: {redis_image: 'r.example.org:5000/redis:7'}"), "");
  for (const char* wrong : {"chat.example.org.", ".org", "a..b", "Chat.org", "a b"})
    EXPECT_THAT(problems_with("ingress: {host: '" + std::string(wrong) + "'}"),
                HasSubstr("is not a host name"))
        << wrong;
}

TEST(ManifestValues, AnotherControllerIsToldHowLongASocketMayBeSilent) {
  EXPECT_THAT(problems_with("ingress: {class: traefik}"),
              HasSubstr(":1: ingress.class: 'traefik' is not of ingress-nginx"));
  EXPECT_EQ(
      problems_with("ingress: {class: haproxy, annotations: [haproxy.org/timeout-tunnel=1h]}"), "");
  EXPECT_EQ(problems_with("ingress: {class: traefik, enabled: false}"), "");
  EXPECT_EQ(problems_with("ingress: {class: nginx-internal}"), "");
  for (const char* wrong : {"a", "=1", "/a=1", "a b=1", "A_/b=1", "x/=1"})
    EXPECT_THAT(problems_with("ingress: {annotations: ['" + std::string(wrong) + "']}"),
                HasSubstr("is not NAME=VALUE"))
        << wrong;
}

TEST(ManifestValues, WhatWouldBeIgnoredIsRefused) {
  EXPECT_THAT(
      problems_with("secrets: {each: [{name: user, secret: a},\n {name: shrad-0, secret: b}]}"),
      HasSubstr(":2: secrets.each.1.name: there is no database 'shrad-0'; did you mean "
                "'shard-0'?"));
  EXPECT_THAT(problems_with("secrets: {each: [{name: user, secret: a}, {name: user, secret: b}]}"),
              HasSubstr("secrets.each.1.name: 'user' stands there twice"));
  EXPECT_THAT(
      problems_with("roles: {message: {replicas: 0}}"),
      HasSubstr(":1: roles.message.replicas: is 0, but others ask this role: gateway, user, "
                "room, search, websocket"));
  EXPECT_THAT(problems_with("roles: {gateway: {replicas: 0}}"),
              HasSubstr("roles.gateway.replicas: is 0, but the Ingress leads to this role"));
  EXPECT_THAT(problems_with("roles: {notification: {replicas: 0, most_replicas: 5}}"),
              HasSubstr("roles.notification.most_replicas: needs roles.notification.replicas"));
  EXPECT_THAT(problems_with("roles: {websocket: {connections: 5}}"),
              HasSubstr("roles.websocket.connections: needs an autoscaler"));
  EXPECT_THAT(
      problems_with("secrets: {search: passwords}"),
      HasSubstr("config.search: 'elasticsearch+http://respring-elasticsearch:9200' names no "
                "user"));
}

TEST(ManifestValues, ServersThatNobodyCouldReachAreRefused) {
  const auto without = [](const std::string& what) {
    return problems_with(
        "servers: {enabled: false}\nnetwork:\n  databases: [namespace a]\n"
        "  kafka: [namespace a]\n  search: [namespace a]\n" +
        what);
  };
  EXPECT_EQ(without("  redis: [namespace a]"), "");
  EXPECT_THAT(without("  redis: []"),
              HasSubstr(":6: network.redis: is empty, but config.redis.limits names a server"));
  EXPECT_THAT(without(""), HasSubstr("manifests/base.yaml:"));
  EXPECT_THAT(problems_with("servers: {enabled: false}"),
              testing::AllOf(HasSubstr("network.databases: "), HasSubstr("network.redis: "),
                             HasSubstr("network.kafka: "), HasSubstr("network.search: ")));
  EXPECT_THAT(problems_with("config: {telemetry: {otlp_endpoint: 'http://c:4318/v1/traces'}}"),
              HasSubstr("network.tracing: is empty, but config.telemetry.otlp_endpoint names"));
  EXPECT_THAT(problems_with("config: {blobs: 's3://chat', blobs_access_key: anna}\n"
                            "secrets: {blobs: b}"),
              HasSubstr("network.blobs: is empty, but config.blobs names"));
}

TEST(ManifestValues, WhatIsDerivedCannotBeWritten) {
  EXPECT_THAT(problems_with("config: {listen: ':80'}"),
              HasSubstr("config.listen: the manifests decide it"));
  EXPECT_THAT(problems_with("config: {peers: {user: 'http://u:1'}}"),
              HasSubstr("config.peers.user: the manifests derive it from the roles"));
}

TEST(ManifestValues, OnlyProxiesThatAreNamedAreBelieved) {
  EXPECT_THAT(problems_with("ingress: {proxies: []}"), HasSubstr("ingress.proxies: is missing"));
  EXPECT_THAT(problems_with("ingress: {proxies: [namespace ingress-nginx]}"),
              HasSubstr("ingress.proxies: 'namespace ingress-nginx' is not a network"));
  EXPECT_THAT(problems_with("config: {trusted_proxies: [0.0.0.0/0]}"),
              HasSubstr("config.trusted_proxies: in a cluster they are in ingress.proxies"));
  EXPECT_EQ(problems_with("ingress: {proxies: [], enabled: false}"), "");
  for (const char* all : {"ingress: {proxies: [0.0.0.0/0]}", "ingress: {proxies: ['::/0']}"})
    EXPECT_THAT(problems_with(all), HasSubstr("/0' is everybody"));
}

TEST(ManifestValues, AllProblemsAreSaidAtOnce) {
  const std::string said =
      problems_with("namespace: A\nroles: {room: {replicas: -1}}\nnonsense: 1");
  EXPECT_THAT(said, HasSubstr(":1: namespace"));
  EXPECT_THAT(said, HasSubstr(":2: roles.room.replicas"));
  EXPECT_THAT(said, HasSubstr(":3: unknown setting 'nonsense'"));
}

TEST(ManifestValues, PortsAreReadFromAddresses) {
  using manifests::ports_of;
  EXPECT_THAT(ports_of("mysql://u@h/d"), testing::ElementsAre(3306));
  EXPECT_THAT(ports_of("mysql://u@h:33/d"), testing::ElementsAre(33));
  EXPECT_THAT(ports_of("kafka://a:1,b:2,c"), testing::ElementsAre(1, 2, 9092));
  EXPECT_THAT(ports_of("elasticsearch+http://h"), testing::ElementsAre(9200));
  EXPECT_THAT(ports_of("opensearch+https://u@h:443/x"), testing::ElementsAre(443));
  EXPECT_THAT(ports_of("http://c/v1/traces"), testing::ElementsAre(80));
  EXPECT_THAT(ports_of("s3://chat?endpoint=http://s3:8333&region=x"), testing::ElementsAre(8333));
  EXPECT_THAT(ports_of("s3://chat?region=x&endpoint=https://s3"), testing::ElementsAre(443));
  EXPECT_THAT(ports_of("s3://chat"), testing::ElementsAre(443));
  EXPECT_THAT(ports_of("file:./blobs"), testing::IsEmpty());
}

TEST(ManifestSchedules, AreReadAsCronHasThem) {
  using manifests::wrong_with_schedule;
  for (const char* good : {"* * * * *", "17 18 * * *", "*/15 0-5 1,15 */2 *", "0 3 * * 0,6",
                           "0 3 * * 1-5", "0-30/10 3 * * 7"})
    EXPECT_EQ(wrong_with_schedule(good), std::nullopt) << good;
  for (const char* bad : {"", "@daily", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *",
                          "* * 0 * *", "* * * 13 *", "* * * * 8", "5-3 * * * *", "*/0 * * * *",
                          "1,,2 * * * *", "3/5 * * * *", "a * * * *", "-1 * * * *", "0 0 1 * 1"})
    EXPECT_NE(wrong_with_schedule(bad), std::nullopt) << bad;
}

TEST(ManifestSchedules, AreSaidToSystemd) {
  using manifests::calendar_of;
  EXPECT_EQ(calendar_of("17 3 * * *", "Asia/Seoul"), "*-*-* 3:17:00 Asia/Seoul");
  EXPECT_EQ(calendar_of("*/15 0-5 1,15 */2 *", "UTC"), "*-1/2-1,15 0..5:0/15:00 UTC");
  EXPECT_EQ(calendar_of("0 3 * * 1-5", "UTC"), "Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00 UTC");
  EXPECT_EQ(calendar_of("0 3 * * 6-7", "UTC"), "Sun,Sat *-*-* 3:0:00 UTC");
}

TEST(ManifestPatches, MakeOneValueOfTheOther) {
  const char* values[] = {R"({"a":1,"b":[1,2,{"c/d":"x"}]})",
                          R"({"a":1,"b":[1,2,{"c/d":"y","~e":2}]})", R"({"b":[1],"f":{}})",
                          R"({"a":{"a":{"a":null}}})", R"({})"};
  for (const char* from : values) {
    for (const char* to : values) {
      json::Value value = json::parse(from).value();
      const json::Value wanted = json::parse(to).value();
      const auto done = manifests::apply_patch(value, manifests::patch_between(value, wanted));
      ASSERT_TRUE(done) << done.error().detail;
      // Members may stand in another order.
      EXPECT_TRUE(manifests::patch_between(value, wanted).empty())
          << from << to << json::dump(value);
    }
  }
  json::Value value = json::Object{};
  EXPECT_FALSE(manifests::apply_patch(
      value, json::parse(R"([{"op":"replace","path":"/a/b","value":1}])").value()));
}

TEST(LineDiff, ShowsWhatDiffers) {
  EXPECT_EQ(line_diff("a\n", "a\n", "f"), "");
  EXPECT_EQ(line_diff("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n6\n", "f"),
            "--- f\n+++ f\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+6\n");
  EXPECT_EQ(line_diff("", "new\n", "f"), "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+new\n");
}

}  // namespace
}  // namespace respring::cmd
