#include "chat/hangul.h"

#include <gtest/gtest.h>

namespace respring::chat {
namespace {

TEST(Initials, AreTheFirstConsonantOfEachSyllable) {
  EXPECT_EQ(initials("홍길동"), "ㅎㄱㄷ");
  EXPECT_EQ(initials("까치 쌀빵"), "ㄲㅊㅆㅃ");
  EXPECT_EQ(initials("아가 힣"), "ㅇㄱㅎ");
  EXPECT_EQ(initials("홍길동무12Ab"), "ㅎㄱㄷㅁ12ab");
  EXPECT_EQ(initials("\u1112\u1169\u11BC\u1100\u1175\u11AF"), "ㅎㄱ");
  EXPECT_EQ(initials("ㅎㅎ맨"), "ㅎㅎㅁ");
  EXPECT_EQ(initials(""), "");
}

TEST(InitialsQuery, IsConsonantsMaybeWithLettersAndDigits) {
  for (const char* query : {"ㅎ", "ㅎㄱㄷ", "ㅎ ㄱ", "ㅎㄱㄷㅁ12ab", "\u1112\u1100", "ㄳ", "1ㅎ"})
    EXPECT_TRUE(is_initials_query(query)) << query;
  for (const char* query : {"", " ", "홍", "ㅎ길", "12ab", "ㅏ", "ㅎㅏ", "ㅎ!", "hong"})
    EXPECT_FALSE(is_initials_query(query)) << query;
}

TEST(InitialsQuery, IsAPrefixOfTheNamesItFinds) {
  EXPECT_TRUE(initials("홍길동무12ab").starts_with(initials_query("ㅎㄱㄷㅁ12AB")));
  EXPECT_TRUE(initials("홍 길동").starts_with(initials_query("ㅎㄱ")));
  EXPECT_TRUE(initials("김수").starts_with(initials_query("ㄳ")));
  EXPECT_TRUE(initials("홍길동").starts_with(initials_query("\u1112\u1100")));
  EXPECT_FALSE(initials("김길동").starts_with(initials_query("ㅎㄱ")));
}

}  // namespace
}  // namespace respring::chat
