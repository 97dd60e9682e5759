#include "telemetry/trace.h"

#include <gtest/gtest.h>

namespace respring::trace {
namespace {

constexpr std::string_view kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, AHeaderIsReadAndWrittenBack) {
  const auto context = parse_traceparent(kGood);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->trace_id_text(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->traceparent(), kGood);
  const Context next = context->child();
  EXPECT_EQ(next.trace_id, context->trace_id);
  EXPECT_NE(next.span_id, context->span_id);
}

TEST(Trace, MalformedHeadersAreRefused) {
  const std::string good(kGood);
  for (std::string bad :
       {std::string(), good.substr(0, 54), good + "-", good + "x", "ff" + good.substr(2),
        "0x" + good.substr(2), "00-" + std::string(32, '0') + good.substr(35),
        good.substr(0, 36) + std::string(16, '0') + "-01",
        "00-0AF7651916CD43DD8448EB211C80319C" + good.substr(35)}) {
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
  EXPECT_TRUE(parse_traceparent("01" + good.substr(2) + "-more"));  // a later version
  EXPECT_FALSE(parse_traceparent("01" + good.substr(2) + "more"));
}

TEST(Trace, NewTracesDiffer) {
  const Context a = start(true);
  const Context b = start(true);
  EXPECT_NE(a.trace_id, b.trace_id);
  EXPECT_TRUE(parse_traceparent(a.traceparent()));
}

}  // namespace
}  // namespace respring::trace
