#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "telemetry/trace.h"

/// What took how long within a trace. Spans are kept only while an Exporter lives and only of
/// traces that are sampled; else they cost the reading of a traceparent. Safe from any thread.
namespace respring::spans {

/// As OTLP numbers them.
enum class Kind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

using Clock = std::chrono::system_clock;
using Attributes = std::vector<std::pair<std::string, std::string>>;

struct Span {
  trace::Context context;
  std::array<std::uint8_t, 8> parent{};  ///< all zero: none
  std::string name{};                    ///< one of a few, never with ids or texts
  Kind kind = Kind::internal;
  Clock::time_point begun{};
  Clock::time_point ended{};
  Attributes attributes{};
  bool failed = false;
};

/// A span from its making to its end. Its parent is the span of a traceparent; without one, or with
/// a malformed one, it begins a trace.
class Scope {
 public:
  Scope(std::string_view parent, std::string_view name, Kind kind);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// For those whom this span asks.
  std::string traceparent() const { return span_.context.traceparent(); }
  std::string trace_id() const { return span_.context.trace_id_text(); }
  void set(std::string_view name, std::string value);
  void fail() { span_.failed = true; }

 private:
  Span span_;
};

/// Notes a span that is over, if its parent is sampled.
void record(std::string_view parent, std::string_view name, Kind kind, Clock::time_point begun,
            const Attributes& attributes = {}, bool failed = false);

/// While it lives spans are collected, and handed over once a second by a thread of its own. What
/// does not fit the queue, and what cannot be handed over, is dropped and counted
/// (respring_spans_total). One at a time.
class Exporter {
 public:
  struct Options {
    /// Takes spans as an OTLP/HTTP JSON body; blocks, for some seconds at most.
    std::function<Result<void>(std::string body)> send;
    Attributes resource{};            ///< of this process, besides service.name
    std::uint32_t sample_one_in = 1;  ///< of the traces that begin here
    std::size_t most_queued = 8192;
    std::size_t most_at_once = 2048;
    std::chrono::milliseconds every{1000};
  };
  explicit Exporter(Options options);
  /// Hands over what is left.
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  /// False: the queue is full.
  bool put(Span span);
  bool samples();

 private:
  void loop();
  void hand_over(std::vector<Span> spans);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> queue_;
  std::uint32_t traces_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace respring::spans
