#include "ops/doctor/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace respring::doctor {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Time kNow = from_ms(1'800'000'000'000);

/// A site with nothing wrong, served or not.
Facts healthy(bool served = true) {
  Facts f;
  f.directory = {"data", true, true, false, served, 50LL << 30, 100LL << 30};
  for (const char* name : {"user", "room", "shard-0"}) {
    DatabaseFacts d;
    d.name = name;
    d.exists = true;
    d.schema = "current";
    f.databases.push_back(d);
  }
  ShardFacts shard;
  shard.name = "shard-0";
  shard.newest = kNow;
  f.shards.push_back(shard);
  f.groups = {{"search-index", 0}, {"room-lists", 0}};
  f.index.exists = true;
  f.machine = {kNow, 65536, 20'000, 8LL << 30, 2, 19LL << 20, 30};
  f.config.listen = "127.0.0.1:8080";
  return f;
}

std::vector<std::string> codes(const Facts& facts) {
  std::vector<std::string> all;
  for (const Finding& f : findings_of(facts)) all.push_back(f.code);
  return all;
}

TEST(Doctor, AHealthySiteHasNoFindings) {
  EXPECT_THAT(codes(healthy(true)), IsEmpty());
  EXPECT_THAT(codes(healthy(false)), IsEmpty());
}

TEST(Doctor, WhatIsMissingOrClosedIsSaid) {
  Facts f = healthy();
  f.directory.exists = false;
  f.databases.clear();
  EXPECT_THAT(codes(f), ElementsAre("data.missing"));
  f = healthy();
  f.directory.writable = false;
  f.directory.others_may_read = true;
  EXPECT_THAT(codes(f), ElementsAre("data.not_writable", "data.readable_by_others"));
}

TEST(Doctor, LittleSpaceIsUrgentWhenItIsNearlyGone) {
  Facts f = healthy();
  f.directory.free_bytes = 500LL << 20;
  EXPECT_EQ(findings_of(f).front().rank, Rank::medium);
  f.directory.free_bytes = 50LL << 20;
  EXPECT_EQ(findings_of(f).front().rank, Rank::high);
}

TEST(Doctor, EveryStateOfADatabaseHasItsRepair) {
  Facts f = healthy();
  f.databases[0].schema = "behind";
  f.databases[1].exists = false;
  f.databases[2].damage = {"row 3 missing from index message_cid"};
  EXPECT_THAT(codes(f), ElementsAre("schema.behind", "database.missing", "database.damaged"));
  f = healthy();
  f.databases[0].schema = "newer";
  f.databases[1].differences = {"by_hand is not of the migrations"};
  f.databases[2].error = "file is not a database";
  EXPECT_THAT(codes(f), ElementsAre("schema.newer", "schema.drift", "database.unreadable"));
  f = healthy();
  f.databases[0].exists = false;
  f.databases[0].used = false;
  EXPECT_THAT(codes(f), IsEmpty());
  f = healthy();
  f.databases[1].not_compared = "Access denied";
  EXPECT_THAT(codes(f), ElementsAre("schema.not_compared"));
}

TEST(Doctor, AnOldOutboxMeansADeadRelayOnlyWhileAServerRuns) {
  for (const bool served : {true, false}) {
    Facts f = healthy(served);
    f.shards[0].outbox_rows = 3;
    f.shards[0].outbox_oldest = kNow - std::chrono::seconds(59);
    EXPECT_THAT(codes(f), IsEmpty());
    f.shards[0].outbox_oldest = kNow - std::chrono::seconds(61);
    ASSERT_THAT(codes(f), ElementsAre("outbox.old"));
    const Finding finding = findings_of(f).front();
    EXPECT_EQ(finding.rank, served ? Rank::high : Rank::low);
    EXPECT_THAT(finding.what, HasSubstr("3 outbox rows older than 60 s"));
    EXPECT_EQ(finding.repair == "respring serve", !served);
  }
}

TEST(Doctor, AnIndexThatIsOnlyBehindDoesNotDiffer) {
  Facts f = healthy(false);
  f.index.differences = 2;
  f.index.first_difference = "7:3 is not in the index";
  EXPECT_THAT(codes(f), ElementsAre("index.differs"));
  f.groups[0].behind = 2;
  EXPECT_THAT(codes(f), ElementsAre("events.behind"));
  f = healthy(true);
  f.groups[0].behind = 2;  // a moment's work of the server
  EXPECT_THAT(codes(f), IsEmpty());
  f.groups[0].behind = 5000;
  EXPECT_THAT(codes(f), ElementsAre("events.behind"));
}

TEST(Doctor, AMissingIndexMattersOnceThereIsSomethingToFind) {
  Facts f = healthy();
  f.index.exists = false;
  EXPECT_THAT(codes(f), IsEmpty());
  f.shards[0].rooms = 1;
  EXPECT_THAT(codes(f), ElementsAre("index.missing"));
}

TEST(Doctor, HolesAndDisagreementsAreTheWorst) {
  Facts f = healthy();
  f.shards[0].log_fault_count = 1;
  f.shards[0].log_faults = {"room 7: the number of events is 3, not 4"};
  f.shards[0].slot_fault_count = 4096;
  f.machine.descriptors = 1024;
  f.machine.password_ms = 900;
  f.shards[0].newest = kNow + std::chrono::minutes(10);
  EXPECT_THAT(codes(f), ElementsAre("slots.disagree", "log.not_dense", "clock.behind",
                                    "limits.descriptors", "passwords.slow"));
}

TEST(Doctor, AMoveIsLeftWhenItsMoverHasNotShownItselfForSeconds) {
  Facts f = healthy();
  f.moves = {{"7f3a", 812, "shard-0", "shard-1", "copy", kNow + std::chrono::seconds(3)}};
  EXPECT_THAT(codes(f), IsEmpty());
  f.moves[0].lease_until = kNow - std::chrono::seconds(60);
  ASSERT_THAT(codes(f), ElementsAre("move.left"));
  EXPECT_THAT(findings_of(f).front().repair, HasSubstr("respring shard resume 7f3a"));
}

TEST(Doctor, AnOpenListenerIsJudgedMoreStrictly) {
  Facts f = healthy();
  f.config.limits_off = {"limits.sends_per_user"};
  EXPECT_EQ(findings_of(f).front().rank, Rank::low);
  f.config.public_listener = true;
  f.config.public_admin = true;
  EXPECT_THAT(codes(f), ElementsAre("config.admin_open", "config.limit_off", "config.public_url"));
}

TEST(Doctor, WhatCouldNotBeSeenIsNotTakenForHealth) {
  Facts f = healthy();
  f.blind = {"shard-0: the file is locked"};
  EXPECT_THAT(codes(f), ElementsAre("doctor.blind"));
}

TEST(Doctor, ServersAreJudgedByWhatTheyCannotDo) {
  Facts f = healthy(false);
  f.clustered = true;
  ServerFacts kafka;
  kafka.name = "kafka";
  kafka.missing = {"respring.room-events.v1"};
  kafka.dead_letters = 3;
  f.servers.push_back(kafka);
  EXPECT_THAT(codes(f), ElementsAre("topics.missing", "events.dead"));
  f.servers.front().error = "no broker answers";
  EXPECT_THAT(codes(f), ElementsAre("server.unusable"));
  f.servers.front() = {};
  f.servers.front().clock_ms = -60'000;
  EXPECT_THAT(codes(f), ElementsAre("clock.differs"));
}

TEST(Doctor, BlobsThatCannotBeUsedHurtOnlyTheArchive) {
  Facts f = healthy();
  ServerFacts blobs;
  blobs.name = "blobs";
  blobs.where = "http://s3:8333/chat";
  blobs.error = "the blob store at http://s3:8333/chat does not answer";
  f.servers.push_back(blobs);
  const auto finding = findings_of(f).front();
  EXPECT_EQ(finding.code, "server.unusable");
  EXPECT_THAT(finding.repair, HasSubstr("config explain blobs"));
  EXPECT_THAT(finding.repair, HasSubstr("archived messages"));
}

TEST(Doctor, ADatabaseOnAServerIsNotRestoredFromABackup) {
  Facts f = healthy();
  f.databases.front().on_server = true;
  f.databases.front().error = "Access denied";
  const auto finding = findings_of(f).front();
  EXPECT_EQ(finding.code, "database.unreachable");
  EXPECT_THAT(finding.repair, HasSubstr("stores.user"));
}

TEST(Doctor, WithAClusterAnOldOutboxIsAlwaysUrgent) {
  Facts f = healthy(false);
  f.shards.front().outbox_rows = 3;
  f.shards.front().outbox_oldest = kNow - std::chrono::minutes(5);
  EXPECT_EQ(findings_of(f).front().rank, Rank::low);
  f.clustered = true;
  EXPECT_EQ(findings_of(f).front().rank, Rank::high);
}

TEST(Doctor, AnUnfinishedIndexAndOldOnesAreSaid) {
  Facts f = healthy();
  f.index.unfinished = "messages-v3";
  f.index.outdated = {"messages-v1"};
  EXPECT_THAT(codes(f), ElementsAre("index.unfinished", "index.outdated"));
}

TEST(Doctor, AFileThatThisUserMayNotReadNeedsNoBackup) {
  Facts f = healthy();
  f.databases[0].closed = true;
  ASSERT_THAT(codes(f), ElementsAre("database.closed"));
  EXPECT_THAT(findings_of(f).front().repair, HasSubstr("as the owner"));
}

TEST(Doctor, AClockThatWasNeverSetAndTopicsOfAnotherSizeAreSaid) {
  Facts f = healthy();
  f.machine.now = from_ms(0);
  f.shards[0].newest.reset();
  EXPECT_THAT(codes(f), ElementsAre("clock.unset"));
  f = healthy();
  f.servers.emplace_back().differing = {"respring.room-events.v1 has 3 partitions, not 12"};
  EXPECT_THAT(codes(f), ElementsAre("topics.differ"));
}

TEST(Doctor, EveryFindingSaysWhatToDo) {
  Facts f = healthy();
  f.directory.writable = false;
  f.directory.free_bytes = 0;
  f.shards[0].log_fault_count = f.shards[0].slot_fault_count = 1;
  f.machine.memory_bytes = 64LL << 20;
  f.machine.now = from_ms(0);
  const auto findings = findings_of(f);
  EXPECT_GE(findings.size(), 5U);
  EXPECT_THAT(findings, Each(Field(&Finding::repair, Not(IsEmpty()))));
  EXPECT_THAT(findings, Each(Field(&Finding::what, Not(IsEmpty()))));
}

}  // namespace
}  // namespace respring::doctor
