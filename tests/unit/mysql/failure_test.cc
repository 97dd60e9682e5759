#include "mysql/failure.h"

#include <gtest/gtest.h>

namespace respring::mysql {
namespace {

TEST(MysqlFailure, NumbersMeanWhatTheCallerMustDo) {
  const auto code = [](int number) { return failure_of(number, "message").code; };
  EXPECT_EQ(code(1062), sql::Errc::unique);
  for (const int number : {1205, 1213, 3572}) EXPECT_EQ(code(number), sql::Errc::busy) << number;
  for (const int number : {2006, 2013, 1927, 4031, 1053})
    EXPECT_EQ(code(number), sql::Errc::unavailable) << number;
  for (const int number : {1290, 1836, 1792}) EXPECT_EQ(code(number), sql::Errc::read_only);
  for (const int number : {1021, 1114}) EXPECT_EQ(code(number), sql::Errc::disk_full) << number;
  EXPECT_EQ(code(1064), sql::Errc::other);
}

TEST(MysqlFailure, AFullDiskIsSeenBehindOtherNumbers) {
  EXPECT_EQ(failure_of(1026, "Error writing file './binlog' (errno: 28 - No space left)").code,
            sql::Errc::disk_full);
  EXPECT_EQ(failure_of(1030, "Got error 28 from storage engine").code, sql::Errc::disk_full);
}

TEST(MysqlFailure, ValuesAreNotRepeated) {
  for (const int number : {1062, 1366, 1292, 1300})
    EXPECT_EQ(failure_of(number, "Duplicate entry 'secret' for key 'x'").detail.find("secret"),
              std::string::npos)
        << number;
}

TEST(MysqlFailure, OnlyARefusedCommitIsCertainlyNone) {
  for (const int number : {1213, 1205, 1290, 3101}) EXPECT_TRUE(certainly_not_committed(number));
  for (const int number : {2013, 2006, 1180, 1317, 1053, 1114})
    EXPECT_FALSE(certainly_not_committed(number)) << number;
}

TEST(MysqlFailure, ThePrimaryKeyIsToldFromOthers) {
  EXPECT_TRUE(names_primary_key("Duplicate entry '1' for key 'PRIMARY'"));
  EXPECT_TRUE(names_primary_key("Duplicate entry '1' for key 'room.PRIMARY'"));
  EXPECT_FALSE(names_primary_key("Duplicate entry 'PRIMARY' for key 'room.other'"));
}

}  // namespace
}  // namespace respring::mysql
