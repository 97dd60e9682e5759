// What the operator's commands share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "respring/password_file.h"

namespace respring::cmd {
namespace {

Result<Secret<std::string>> from_stdin(const std::string& text) {
  std::istringstream in(text);
  return read_password("-", in);
}

TEST(PasswordFile, IsOneLineWithOrWithoutItsEnd) {
  for (const char* text : {"열려라 참깨", "열려라 참깨\n", "열려라 참깨\r\n"}) {
    const auto password = from_stdin(text);
    ASSERT_TRUE(password);
    EXPECT_EQ(password.value().reveal(), "열려라 참깨");
  }
}

TEST(PasswordFile, KeepsSpacesThatBelongToIt) {
  EXPECT_EQ(from_stdin("  two  words  \n").value().reveal(), "  two  words  ");
}

TEST(PasswordFile, RefusesWhatIsNoPassword) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("hush1\nhush2\n"), std::string(2000, 'a')}) {
    const auto password = from_stdin(text);
    ASSERT_FALSE(password);
    EXPECT_EQ(password.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(password.error().detail.find("hush"), std::string::npos);
  }
  std::istringstream unused;
  EXPECT_FALSE(read_password("/nowhere/at/all", unused));
}

}  // namespace
}  // namespace respring::cmd
