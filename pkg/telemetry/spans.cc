#include "telemetry/spans.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <shared_mutex>
#include <utility>

#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/otlp_json.h"

namespace respring::spans {
namespace {

/// Who collects; null: nobody does.
std::atomic<Exporter*> g_exporter{nullptr};
/// Held while one is used, so that it does not go meanwhile.
std::shared_mutex g_in_use;

void count(const char* result, std::size_t spans) {
  metrics::counter("respring_spans_total", {{"result", result}}).add(static_cast<double>(spans));
}

void collect(Span span) {
  if (g_exporter == nullptr) return;
  const std::shared_lock lock(g_in_use);
  Exporter* exporter = g_exporter;
  if (exporter != nullptr && !exporter->put(std::move(span))) count("dropped", 1);
}

bool samples_new_trace() {
  if (g_exporter == nullptr) return false;
  const std::shared_lock lock(g_in_use);
  Exporter* exporter = g_exporter;
  return exporter != nullptr && exporter->samples();
}

}  // namespace

Scope::Scope(std::string_view parent, std::string_view name, Kind kind) {
  if (const auto context = trace::parse_traceparent(parent)) {
    span_.context = context->child();
    span_.parent = context->span_id;
  } else {
    span_.context = trace::start(samples_new_trace());
  }
  if (!span_.context.sampled || g_exporter == nullptr) return;
  span_.name = name;
  span_.kind = kind;
  span_.begun = Clock::now();
}

Scope::~Scope() {
  if (span_.name.empty()) return;
  span_.ended = Clock::now();
  collect(std::move(span_));
}

void Scope::set(std::string_view name, std::string value) {
  if (!span_.name.empty()) span_.attributes.emplace_back(name, std::move(value));
}

void record(std::string_view parent, std::string_view name, Kind kind, Clock::time_point begun,
            const Attributes& attributes, bool failed) {
  if (g_exporter == nullptr || parent.empty()) return;
  const auto context = trace::parse_traceparent(parent);
  if (!context || !context->sampled) return;
  Span span{context->child(),
            context->span_id,
            std::string(name),
            kind,
            begun,
            Clock::now(),
            attributes,
            failed};
  collect(std::move(span));
}

Exporter::Exporter(Options options) : options_(std::move(options)) {
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), "spans");
  g_exporter = this;
}

Exporter::~Exporter() {
  {
    const std::unique_lock lock(g_in_use);
    g_exporter = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Exporter::put(Span span) {
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= options_.most_queued) return false;
  queue_.push_back(std::move(span));
  return true;
}

bool Exporter::samples() {
  const std::lock_guard lock(mutex_);
  return traces_++ % std::max<std::uint32_t>(options_.sample_one_in, 1) == 0;
}

void Exporter::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, options_.every, [this] { return stopping_; });
    std::vector<Span> spans = std::exchange(queue_, {});
    const bool last = stopping_;
    lock.unlock();
    hand_over(std::move(spans));
    if (last) return;
    lock.lock();
  }
}

void Exporter::hand_over(std::vector<Span> spans) {
  for (std::size_t i = 0; i < spans.size(); i += options_.most_at_once) {
    const auto from = spans.begin() + static_cast<std::ptrdiff_t>(i);
    const std::size_t size = std::min(options_.most_at_once, spans.size() - i);
    const std::vector<Span> some(from, from + static_cast<std::ptrdiff_t>(size));
    const auto sent = options_.send(otlp_json(some, options_.resource));
    count(sent ? "exported" : "dropped", size);
    if (!sent) log::warn("spans.not_exported", {{"error", sent.error().detail}});
  }
}

}  // namespace respring::spans
