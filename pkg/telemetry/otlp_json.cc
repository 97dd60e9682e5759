#include "telemetry/otlp_json.h"

#include <algorithm>

#include "base/json.h"
#include "telemetry/process.h"

namespace respring::spans {
namespace {

constexpr int kStatusError = 2;

void write(json::Writer& w, const Attributes& attributes) {
  w.begin_array();
  for (const auto& [name, value] : attributes) {
    w.begin_object().field("key", name).key("value").begin_object();
    w.field("stringValue", value).end_object().end_object();
  }
  w.end_array();
}

std::string nanoseconds(Clock::time_point time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

void write(json::Writer& w, const Span& span) {
  w.begin_object().field("traceId", span.context.trace_id_text());
  w.field("spanId", span.context.span_id_text());
  if (std::ranges::any_of(span.parent, [](std::uint8_t byte) { return byte != 0; })) {
    trace::Context parent = span.context;
    parent.span_id = span.parent;
    w.field("parentSpanId", parent.span_id_text());
  }
  w.field("name", span.name).field("kind", static_cast<int>(span.kind));
  w.field("startTimeUnixNano", nanoseconds(span.begun));
  w.field("endTimeUnixNano", nanoseconds(span.ended));
  w.key("attributes");
  write(w, span.attributes);
  w.key("status").begin_object();
  if (span.failed) w.field("code", kStatusError);
  w.end_object().end_object();
}

}  // namespace

std::string otlp_json(const std::vector<Span>& spans, const Attributes& resource) {
  json::Writer w;
  w.begin_object().key("resourceSpans").begin_array().begin_object();
  w.key("resource").begin_object().key("attributes");
  Attributes all = {{"service.name", "respring"},
                    {"service.version", std::string(telemetry::build().version)}};
  all.insert(all.end(), resource.begin(), resource.end());
  write(w, all);
  w.end_object();
  w.key("scopeSpans").begin_array().begin_object();
  w.key("scope").begin_object().field("name", "respring").end_object();
  w.key("spans").begin_array();
  for (const Span& span : spans) write(w, span);
  w.end_array().end_object().end_array().end_object().end_array().end_object();
  return w.take();
}

}  // namespace respring::spans
