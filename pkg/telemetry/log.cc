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

/// The thread and its queue, started by the first line and ended by flush().
class Output {
 public:
  void put(const std::string& line) {
    std::shared_ptr<spdlog::async_logger> logger;
    {
      const std::lock_guard lock(mutex_);
      if (!logger_) start();
      logger = logger_;
    }
    logger->log(spdlog::level::critical, line);
  }

  void end() {
    // The pool goes first: its last owner joins its thread after everything queued is written. Only
    // then may the logger go, whose sink that thread writes to.
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    const std::lock_guard lock(mutex_);
    logger = std::move(logger_);
    pool = std::move(pool_);
  }

 private:
  void start() {
    pool_ = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    logger_ = std::make_shared<spdlog::async_logger>("log", std::move(sink), pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_pattern("%v");
    logger_->flush_on(spdlog::level::critical);
  }

  std::mutex mutex_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

Output& output() {
  // Never destroyed: a thread may log while the process ends.
  static Output* const instance = [] {
    std::atexit(flush);
    return new Output;
  }();
  return *instance;
}

}  // namespace

void configure(Level level, Format format) {
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
  if (level == Level::warn || level == Level::error) {
    static const auto warnings = metrics::counter("respring_log_lines_total", {{"level", "warn"}});
    static const auto errors = metrics::counter("respring_log_lines_total", {{"level", "error"}});
    (level == Level::warn ? warnings : errors).add();
  }
}

void flush() { output().end(); }

}  // namespace respring::log
