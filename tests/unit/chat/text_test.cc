#include "chat/text.h"

#include <gtest/gtest.h>

#include "chat/limits.h"
#include "chat/utf8.h"

namespace respring::chat {
namespace {

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += what;
  return out;
}

/// What the check said about the field: "" when it accepted the text.
std::string verdict(const Result<std::string>& result) {
  if (result) return "";
  EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(result.error().fields.size(), 1U);
  EXPECT_EQ(result.error().fields.at(0).field, "f");
  return result.error().fields.at(0).code;
}

TEST(Nfc, DecomposedKoreanBecomesTheSameBytes) {
  EXPECT_EQ(nfc("\u1112\u1169\u11BC\u1100\u1175\u11AF\u1103\u1169\u11BC"), "홍길동");
  EXPECT_EQ(nfc("cafe\u0301"), "caf\u00E9");
  EXPECT_EQ(nfc("plain"), "plain");
  EXPECT_EQ(nfc("a\xFF"), "a\uFFFD");
}

TEST(Fold, IgnoresCase) {
  EXPECT_EQ(fold("GARDEN Ünïcode"), "garden ünïcode");
  EXPECT_EQ(fold("Straße"), fold("STRASSE"));
  EXPECT_EQ(fold("홍길동"), "홍길동");
}

TEST(CodePoints, AreCountedNotBytes) {
  EXPECT_EQ(count_code_points("홍길동"), 3U);
  EXPECT_EQ(count_code_points("a🎉b"), 3U);
}

TEST(Utf8, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\xE3\x81", "a\xFF"})
    EXPECT_FALSE(is_valid_utf8(text));
  EXPECT_TRUE(is_valid_utf8("a\u00E9가🎉"));
  std::string all;
  for (char32_t c = 1; c <= 0x10FFFF; c += 97) {
    if (c < 0xD800 || c > 0xDFFF) append_utf8(all, c);
  }
  EXPECT_TRUE(is_valid_utf8(all));
  EXPECT_EQ(to_utf8(to_code_points(all)), all);
}

TEST(MessageText, HasOneToFourThousandCodePointsAfterNfc) {
  EXPECT_EQ(verdict(checked_message_text("f", "")), "required");
  EXPECT_EQ(verdict(checked_message_text("f", "네")), "");
  EXPECT_EQ(verdict(checked_message_text("f", repeated("가", kMaxTextCodePoints))), "");
  EXPECT_EQ(verdict(checked_message_text("f", repeated("가", kMaxTextCodePoints + 1))), "too_long");
  const auto decomposed = checked_message_text("f", repeated("\u1100\u1161", kMaxTextCodePoints));
  ASSERT_TRUE(decomposed);
  EXPECT_EQ(decomposed.value(), repeated("가", kMaxTextCodePoints));
}

TEST(MessageText, KeepsLinesAndTabsButNoControlCharacters) {
  EXPECT_EQ(checked_message_text("f", " 첫 줄\n\t둘째 줄 ").value(), " 첫 줄\n\t둘째 줄 ");
  for (const char* text : {"a\x01", "\x1B[31m", "\x7F", "a\rb"})
    EXPECT_EQ(verdict(checked_message_text("f", text)), "invalid");
  EXPECT_EQ(verdict(checked_message_text("f", " \n\t\u3000")), "blank");
  EXPECT_EQ(verdict(checked_message_text("f", "\xED\xA0\x80")), "invalid");
}

TEST(Name, IsTrimmedAndSomethingToSee) {
  EXPECT_EQ(checked_name("f", "  홍 길동\u3000", kMaxNameCodePoints).value(), "홍 길동");
  EXPECT_EQ(verdict(checked_name("f", "", 50)), "required");
  EXPECT_EQ(verdict(checked_name("f", "   ", 50)), "blank");
  EXPECT_EQ(verdict(checked_name("f", "\u200B\u3164", 50)), "blank");
  EXPECT_EQ(verdict(checked_name("f", "a\nb", 50)), "invalid");
  EXPECT_EQ(verdict(checked_name("f", "abc\u202Etxt", 50)), "invalid");
  EXPECT_EQ(verdict(checked_name("f", repeated("가", 50), 50)), "");
  EXPECT_EQ(verdict(checked_name("f", repeated("가", 51), 50)), "too_long");
}

TEST(Handle, IsThreeToThirtyTwoOfAFewCharacters) {
  for (const char* text : {"abc", "a_b.9", "0123456789abcdefghijklmnopqrstuv"})
    EXPECT_EQ(verdict(checked_handle("f", text)), "") << text;
  EXPECT_EQ(verdict(checked_handle("f", "")), "required");
  EXPECT_EQ(verdict(checked_handle("f", "ab")), "too_short");
  EXPECT_EQ(verdict(checked_handle("f", repeated("a", 33))), "too_long");
  for (const char* text : {"Abc", "a b", "a-b", "홍길동", "abc\n"})
    EXPECT_EQ(verdict(checked_handle("f", text)), "invalid") << text;
}

TEST(Password, IsEightToOneHundredTwentyEightCharacters) {
  EXPECT_EQ(verdict(checked_password("f", "1234567")), "too_short");
  EXPECT_EQ(verdict(checked_password("f", "비밀번호여덟글자")), "");
  EXPECT_EQ(verdict(checked_password("f", repeated("가", 129))), "too_long");
  EXPECT_EQ(checked_password("f", repeated("\u1100\u1161", 8)).value(), repeated("가", 8));
}

TEST(Emoji, IsExactlyOne) {
  for (const char* text :
       {"👍", "❤", "❤️", "👍🏽", "🇰🇷", "1️⃣", "#⃣", "👨‍👩‍👧‍👦",
        "🏳️‍🌈", "😀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©️", "🧑🏻‍💻"})
    EXPECT_EQ(verdict(checked_emoji("f", text)), "") << text;
  for (const char* text : {"a", "1", "가", "👍👍", "👍a", "🇰", "1️", "\u200D", "\uFE0F", "👍‍",
                           " 👍", "🏽🏽", "🇰🇷🇰🇷", "#"})
    EXPECT_EQ(verdict(checked_emoji("f", text)), "invalid") << text;
  EXPECT_EQ(verdict(checked_emoji("f", "")), "required");
  EXPECT_EQ(verdict(checked_emoji("f", "👩🏻‍❤️‍💋‍👨🏻")), "too_long");
}

}  // namespace
}  // namespace respring::chat
