#include "respring/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "respring/confirm.h"
#include "respring/progress.h"

namespace respring::cmd {
namespace {

using testing::HasSubstr;

TEST(Tables, KoreanTakesTwoColumns) {
  EXPECT_EQ(display_width("room"), 4U);
  EXPECT_EQ(display_width("등산 모임"), 9U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("\xff\xf0"), 2U);   // broken bytes do not run past the end
  EXPECT_EQ(render_table({{"room", "members"}, {{"등산", "3"}, {"book club", "12"}}}),
            "room       members\n"
            "등산       3\n"
            "book club  12\n");
}

struct Streams {
  std::ostringstream out;
  std::ostringstream err;
  Common common;
  Console console(bool terminal) { return Console(common, out, err, terminal, terminal); }
};

TEST(Output, DataGoesToStdoutAndRemarksToStderr) {
  Streams s;
  s.common.output = Output::json;
  Console console = s.console(false);
  console.note("working");
  console.print(json::Object{{"rows", 3}}, "3 rows");
  EXPECT_EQ(s.out.str(), "{\n  \"schema_version\": 1,\n  \"rows\": 3\n}\n");
  EXPECT_EQ(s.err.str(), "working\n");
}

TEST(Output, QuietSaysNothingButErrors) {
  Streams s;
  s.common.quiet = true;
  Console console = s.console(false);
  console.note("working");
  EXPECT_EQ(console.fail(Exit::refused, "plan.stale", "plan.json is stale", "make a new one"),
            Exit::refused);
  EXPECT_EQ(s.err.str(), "refused: plan.json is stale\n  make a new one\n");
}

TEST(Confirm, WithoutATerminalNothingWaits) {
  Streams s;
  Console console = s.console(false);
  std::istringstream never("y\n");
  EXPECT_EQ(ask(console, never, {}, "erase?"), Exit::refused);
  EXPECT_EQ(never.tellg(), 0);
  EXPECT_EQ(ask(console, never, {.yes = true, .confirm = {}}, "erase?"), Exit::ok);
  EXPECT_EQ(ask_name(console, never, {.yes = true, .confirm = {}}, "erase?", "minji"),
            Exit::refused);
  EXPECT_EQ(ask_name(console, never, {.yes = false, .confirm = "minji"}, "erase?", "minji"),
            Exit::ok);
  EXPECT_EQ(ask_name(console, never, {.yes = false, .confirm = "minjii"}, "erase?", "minji"),
            Exit::refused);
}

TEST(Confirm, OnATerminalTheAnswerCounts) {
  Streams s;
  Console console = s.console(true);
  std::istringstream yes("y\n");
  std::istringstream no("\n");
  std::istringstream name("minji\n");
  std::istringstream end;
  EXPECT_EQ(ask(console, yes, {}, "go on?"), Exit::ok);
  EXPECT_EQ(ask(console, no, {}, "go on?"), Exit::refused);
  EXPECT_EQ(ask(console, end, {}, "go on?"), Exit::refused);
  EXPECT_EQ(ask_name(console, name, {}, "erase?", "minji"), Exit::ok);
}

TEST(Progress, ABarOnATerminalALineElsewhereNothingWhenQuiet) {
  std::chrono::steady_clock::time_point time{};
  const auto now = [&time] { return time; };
  const auto shown = [&](bool terminal, bool quiet) {
    time = {};
    Streams s;
    s.common.quiet = quiet;
    std::ostringstream out;
    Progress progress(s.console(terminal), out, "copy", "rows", 244'004, now);
    for (int i = 1; i <= 50; ++i) {
      time += std::chrono::milliseconds(500);
      progress.update(i * 3000);
    }
    progress.finish();
    return out.str();
  };
  const std::string bar = shown(true, false);
  EXPECT_THAT(bar, HasSubstr("█"));
  EXPECT_THAT(bar, HasSubstr("150,000 / 244,004 rows  6000 rows/s  eta 16 s"));
  EXPECT_TRUE(bar.ends_with("\n"));
  const std::string lines = shown(false, false);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2);  // 25 seconds: at 10 and at 20
  EXPECT_EQ(lines.find('\r'), std::string::npos);
  EXPECT_EQ(shown(true, true), "");
}

}  // namespace
}  // namespace respring::cmd
