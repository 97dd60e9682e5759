#include "telemetry/spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "telemetry/otlp_json.h"

namespace respring::spans {
namespace {

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00-" + std::string(kTrace) + "-00f067aa0ba902b7-01";
const std::string kUnsampled = "00-" + std::string(kTrace) + "-00f067aa0ba902b7-00";

/// What an exporter sent, body by body.
struct Sent {
  std::mutex mutex;
  std::vector<std::string> bodies;
  bool fails = false;

  Exporter::Options options() {
    Exporter::Options options;
    options.send = [this](std::string body) -> Result<void> {
      const std::lock_guard lock(mutex);
      if (fails) return internal("nobody is there");
      bodies.push_back(std::move(body));
      return success();
    };
    return options;
  }
  /// Every span of every body.
  json::Array spans() const {
    json::Array all;
    for (const auto& body : bodies) {
      const auto value = json::parse(body).value();
      const auto& resource = value.find("resourceSpans")->as_array()->front();
      const auto& scope = resource.find("scopeSpans")->as_array()->front();
      for (const auto& span : *scope.find("spans")->as_array()) all.push_back(span);
    }
    return all;
  }
};

TEST(Spans, AreWrittenAsTheProtocolSays) {
  Span span;
  span.context = *trace::parse_traceparent(kParent);
  span.parent = {1, 2, 3, 4, 5, 6, 7, 0xab};
  span.name = "index";
  span.kind = Kind::consumer;
  span.begun = Clock::time_point(std::chrono::nanoseconds(1'800'000'000'123'456'789));
  span.ended = span.begun + std::chrono::milliseconds(5);
  span.attributes = {{"respring.shard", "shard-0"}};
  span.failed = true;
  const auto body = json::parse(otlp_json({span}, {{"respring.roles", "all"}})).value();
  const auto& resource = body.find("resourceSpans")->as_array()->front();
  EXPECT_NE(json::dump(resource.find("resource")->as_object()->front().second)
                .find(R"({"key":"service.name","value":{"stringValue":"respring"}})"),
            std::string::npos);
  const auto& written =
      resource.find("scopeSpans")->as_array()->front().find("spans")->as_array()->front();
  EXPECT_EQ(json::dump(written),
            R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
            R"("parentSpanId":"01020304050607ab","name":"index","kind":5,)"
            R"("startTimeUnixNano":"1800000000123456789","endTimeUnixNano":"1800000000128456789",)"
            R"("attributes":[{"key":"respring.shard","value":{"stringValue":"shard-0"}}],)"
            R"("status":{"code":2}})");
}

TEST(Spans, OneGoesOnWithItsParentsTrace) {
  Sent sent;
  {
    Exporter exporter(sent.options());
    const Scope outer(kParent, "http request", Kind::server);
    EXPECT_EQ(outer.trace_id(), kTrace);
    const Scope inner(outer.traceparent(), "role call", Kind::client);
  }
  // The outer one ended after the exporter and is not among them.
  Sent both;
  {
    Exporter exporter(both.options());
    Scope outer(kParent, "http request", Kind::server);
    record(outer.traceparent(), "batch commit", Kind::internal, Clock::now());
  }
  const auto spans = both.spans();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].string_or("parentSpanId"), spans[1].string_or("spanId"));
  EXPECT_EQ(spans[1].string_or("parentSpanId"), "00f067aa0ba902b7");
  EXPECT_EQ(spans[0].string_or("traceId"), kTrace);
}

TEST(Spans, NothingIsKeptOfWhatIsNotSampledOrNotAskedFor) {
  Sent sent;
  { const Scope nobody(kParent, "http request", Kind::server); }
  {
    Exporter exporter(sent.options());
    const Scope unsampled(kUnsampled, "http request", Kind::server);
    record(kUnsampled, "index", Kind::consumer, Clock::now());
    record("", "index", Kind::consumer, Clock::now());
    record("garbage", "index", Kind::consumer, Clock::now());
  }
  EXPECT_TRUE(sent.bodies.empty());
}

TEST(Spans, NewTracesAreSampledOneInSoMany) {
  Sent sent;
  auto options = sent.options();
  options.sample_one_in = 10;
  {
    Exporter exporter(std::move(options));
    for (int i = 0; i < 100; ++i) const Scope fresh("", "websocket frame", Kind::server);
  }
  EXPECT_EQ(sent.spans().size(), 10U);
}

TEST(Spans, MoreThanTheQueueHoldsIsDropped) {
  Sent sent;
  auto options = sent.options();
  options.most_queued = 5;
  options.most_at_once = 2;
  options.every = std::chrono::hours(1);
  {
    Exporter exporter(std::move(options));
    for (int i = 0; i < 20; ++i) record(kParent, "index", Kind::consumer, Clock::now());
  }
  EXPECT_EQ(sent.spans().size(), 5U);
  EXPECT_EQ(sent.bodies.size(), 3U);
}

TEST(Spans, ACollectorThatIsAwayHoldsNothingUp) {
  Sent sent;
  sent.fails = true;
  {
    Exporter exporter(sent.options());
    record(kParent, "index", Kind::consumer, Clock::now());
  }
  EXPECT_TRUE(sent.bodies.empty());
}

}  // namespace
}  // namespace respring::spans
