#include "telemetry/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/time.h"
#include "telemetry/metrics.h"

namespace respring::log {
namespace {

/// Lines wait here for the writing thread; when a reader of stderr hangs, the oldest are dropped
/// rather than an event loop stopped.
constexpr std::size_t kQueueLines = 8192;

std::atomic<Level> g_level{Level::info};
std::atomic<bool> g_pretty{false};
std::atomic<bool> g_colour{false};

/// The queue and its thread, started by the first line. Lines enter the queue under the mutex: who
/// takes it away there is its only owner, and nobody is left with a queue whose thread has ended.
class Output {
 public:
  Output() { sink_->set_pattern("%v"); }

  void put(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (ended_) {
      sink_->log({"log", spdlog::level::critical, line});
      return;
    }
    if (!logger_) start();
    logger_->log(spdlog::level::critical, line);
  }

  /// Lines that come meanwhile start another queue: nobody waits for a reader of stderr but the
  /// caller.
  void flush() {
    const std::lock_guard one_at_a_time(flushing_);
    // The pool goes first: it joins its thread after everything queued is written. Only then may
    // the logger go, whose sink that thread writes to.
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    {
      const std::lock_guard lock(mutex_);
      logger = std::move(logger_);
      pool = std::move(pool_);
    }
  }

  /// Later lines are written by the threads that log them: another queue would not be emptied
  /// before the process is gone.
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    flush();
  }

 private:
  void start() {
    pool_ = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
    logger_ = std::make_shared<spdlog::async_logger>("log", sink_, pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
  }

  const std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink_ =
      std::make_shared<spdlog::sinks::stderr_sink_mt>();  ///< flushes each line itself
  std::mutex flushing_;
  std::mutex mutex_;
  bool ended_ = false;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

Output& output() {
  // Never destroyed: a thread may log while the process ends.
  static Output* const instance = [] {
    std::atexit([] { output().end(); });
    return new Output;
  }();
  return *instance;
}

const metrics::Counter& logged(Level level) {
  static const auto warnings = metrics::counter("respring_log_lines_total", {{"level", "warn"}});
  static const auto errors = metrics::counter("respring_log_lines_total", {{"level", "error"}});
  return level == Level::warn ? warnings : errors;
}

}  // namespace

void configure(Level level, Format format) {
  logged(Level::warn);  // both are 0 before anything is wrong: Prometheus sees the first, too
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const char* no_colour = std::getenv("NO_COLOR");  // tidy: allow(getenv): no-color.org
  g_level = level;
  g_pretty = format == Format::pretty || (format == Format::automatic && terminal);
  g_colour = terminal && (no_colour == nullptr || *no_colour == '\0');
}

void set_level(Level level) { g_level = level; }
Level level() { return g_level; }
bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, Fields fields) {
  const std::string time = to_rfc3339(SystemClock().now());
  output().put(g_pretty ? format_pretty(time, level, event, fields, g_colour)
                        : format_json(time, level, event, fields));
  if (level == Level::warn || level == Level::error) logged(level).add();
}

void flush() { output().flush(); }

}  // namespace respring::log
