#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/sample.h"

namespace respring::config {
namespace {

using testing::HasSubstr;

TEST(Load, NothingConfiguredLeavesTheDefaults) {
  Outcome out;
  load_text(out, "");
  ASSERT_TRUE(out.loaded) << out.problems;
  EXPECT_EQ(out.sample.listen, (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(out.sample.shards.size(), 2U);
  EXPECT_EQ(out.loaded->find("listen")->origin.text(), "default");
}

TEST(Load, AFileFillsEveryType) {
  Outcome out;
  load_text(out, R"(listen: 0.0.0.0:80
data_dir: /var/lib/respring
allowed_origins: [https://a.example, https://b.example]
io_threads: 4
auth: {single_session: true}
limits:
  sends_per_user: off
  connections_per_user: off
http: {header_timeout: 5s}
websocket: {queue: 2MiB}
log: {level: debug}
stores:
  shards:
    - {name: one, dsn: "sqlite:one.db"}
)");
  ASSERT_TRUE(out.loaded) << out.problems;
  EXPECT_EQ(out.sample.listen, (Endpoint{"0.0.0.0", 80}));
  EXPECT_EQ(out.sample.data_dir, "/var/lib/respring");
  EXPECT_THAT(out.sample.origins, testing::ElementsAre("https://a.example", "https://b.example"));
  EXPECT_EQ(out.sample.threads, 4);
  EXPECT_TRUE(out.sample.single_session);
  EXPECT_TRUE(out.sample.sends.off());
  EXPECT_FALSE(out.sample.connections.most);
  EXPECT_EQ(out.sample.header_timeout, std::chrono::seconds(5));
  EXPECT_EQ(out.sample.queue.count, 2 << 20);
  EXPECT_EQ(out.sample.level, "debug");
  ASSERT_EQ(out.sample.shards.size(), 1U);  // the file's list replaces the default one
  EXPECT_EQ(out.sample.shards[0].dsn, "sqlite:one.db");
}

TEST(Load, FlagBeatsEnvironmentBeatsFile) {
  const TemporaryFile file("listen: 127.0.0.1:1\n");
  Outcome out;
  load_into(out, {.file = file.path(),
                  .flags = {{"listen", "127.0.0.1:3"}},
                  .environment = {{"RESPRING_LISTEN", "127.0.0.1:2"}}});
  ASSERT_TRUE(out.loaded) << out.problems;
  EXPECT_EQ(out.sample.listen.port, 3);
  const Effective* value = out.loaded->find("listen");
  EXPECT_EQ(value->origin.text(), "flag listen");
  ASSERT_EQ(value->shadowed.size(), 3U);
  EXPECT_EQ(value->shadowed[0].origin.text(), "env RESPRING_LISTEN");
  EXPECT_EQ(value->shadowed[1].origin.text(), file.path() + ":1");
  EXPECT_EQ(value->shadowed[2].text, "127.0.0.1:8080");
}

TEST(Load, AnUnknownKeyNamesTheLineAndTheNearestOne) {
  Outcome out;
  load_text(out, "listen: :80\nlimits:\n  send_per_user: 5/s\nlistn: :81\nsends_per_user: 1/s\n");
  EXPECT_EQ(
      out.problems,
      "FILE:3: unknown setting 'limits.send_per_user'; did you mean 'limits.sends_per_user'?\n"
      "FILE:4: unknown setting 'listn'; did you mean 'listen'?\n"
      "FILE:5: unknown setting 'sends_per_user'; did you mean 'limits.sends_per_user'?");
}

TEST(Load, AWrongValueNamesTheLineAndTheBounds) {
  Outcome out;
  load_text(
      out,
      "io_threads: 1000\nlisten: 8080\nlog: {level: loud}\nauth: 7\nhttp:\n  header_timeout:\n");
  EXPECT_EQ(
      out.problems,
      "FILE:1: io_threads: '1000' is above 256 (whole number, 0 to 256)\n"
      "FILE:2: listen: '8080' is not an address like 127.0.0.1:8080 or [::1]:8080 (host:port)\n"
      "FILE:3: log.level: 'loud' is none of debug, info, warn (one of debug, info, warn)\n"
      "FILE:4: auth: is a section of settings, not a value\n"
      "FILE:6: http.header_timeout: has no value");
}

TEST(Load, BrokenYamlAndDuplicateKeysNameTheLine) {
  Outcome broken;
  load_text(broken, "listen: :80\nlog: {level\n");
  EXPECT_THAT(broken.problems, HasSubstr("is not valid YAML"));
  Outcome twice;
  load_text(twice, "listen: :80\nlisten: :81\n");
  EXPECT_EQ(twice.problems, "FILE:2: 'listen' stands twice");
  Outcome list;
  load_text(list, "- listen\n");
  EXPECT_THAT(list.problems, HasSubstr("must be a map of settings"));
}

TEST(Load, AFileThatWasNamedMustBeThere) {
  Outcome out;
  load_into(out, {.file = "/nowhere/respring.yaml", .flags = {}, .environment = {}});
  EXPECT_THAT(out.problems, HasSubstr("/nowhere/respring.yaml: cannot be read: No such file"));
  Outcome by_variable;
  load_into(by_variable,
            {.file = {}, .flags = {}, .environment = {{"RESPRING_CONFIG", "/nowhere"}}});
  EXPECT_THAT(by_variable.problems, HasSubstr("/nowhere"));
}

TEST(Load, AShadowedMistakeIsStillAMistake) {
  Outcome out;
  load_text(out, "io_threads: many\n", {{"RESPRING_IO_THREADS", "2"}});
  EXPECT_THAT(out.problems, HasSubstr("FILE:1: io_threads: 'many' is not a whole number"));
}

TEST(Load, ConditionsBetweenSettingsAreHeld) {
  Outcome out;
  load_text(out, "stores: {shards: []}\n");
  EXPECT_EQ(out.problems, "FILE:1: stores.shards: needs one entry at least");
}

TEST(Load, SecretsComeFromFilesOnlyAndAreNeverShown) {
  const TemporaryFile secret("geheim-123\n");
  Outcome out;
  load_text(out, "stores: {shards: [{name: a, dsn: 'sqlite:a.db', password_file: " + secret.path() +
                     "}]}");
  ASSERT_TRUE(out.loaded) << out.problems;
  EXPECT_EQ(out.sample.shards[0].password.reveal(), "geheim-123");
  for (const Effective& value : out.loaded->values)
    EXPECT_EQ(value.text.find("geheim"), std::string::npos);
  Outcome direct;
  load_text(direct, "stores: {shards: [{name: a, dsn: 'sqlite:a.db', password: geheim-123}]}");
  EXPECT_THAT(direct.problems, HasSubstr("unknown setting 'stores.shards.0.password'"));
  EXPECT_EQ(direct.problems.find("geheim"), std::string::npos);
  Outcome url;
  load_text(url, "stores: {shards: [{name: a, dsn: 'mysql://me:geheim@host/db'}]}");
  EXPECT_THAT(url.problems, HasSubstr("not in this version"));
  EXPECT_EQ(url.problems.find("geheim"), std::string::npos);
}

TEST(Load, AReloadSaysWhatTakesEffectAndWhatNeedsARestart) {
  Outcome before;
  Outcome after;
  load_text(before, "listen: :80\n");
  load_text(
      after,
      "listen: :81\nlimits: {sends_per_user: 5/s}\nstores: {shards: [{name: a, dsn: 'sqlite:a'}]}");
  ASSERT_TRUE(before.loaded && after.loaded);
  const Changes found = changes(*before.loaded, *after.loaded);
  EXPECT_THAT(found.reloadable, testing::ElementsAre("limits.sends_per_user"));
  EXPECT_THAT(found.need_restart, testing::IsSupersetOf({"listen", "stores.shards.0.name"}));
  EXPECT_TRUE(changes(*before.loaded, *before.loaded).need_restart.empty());
}

}  // namespace
}  // namespace respring::config
