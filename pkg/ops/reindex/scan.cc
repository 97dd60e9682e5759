// One thread reads page after page, some others write them. Pages may be done out of order, so the
// build moves on only over pages without a gap before them.
#include "ops/reindex/scan.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace respring::reindex {
namespace {

struct Work {
  std::int64_t number = 0;
  Page page;
};

class Writers {
 public:
  Writers(chat::SearchIndex& index, int threads)
      : index_(index), room_(static_cast<std::size_t>(threads)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { write_pages(); });
  }
  ~Writers() { (void)finish(); }

  /// Waits until a writer is about to be free. The failure of any of them.
  Result<void> put(Work work) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < room_ || failure_; });
    if (failure_) return *failure_;
    waiting_.push_back(std::move(work));
    changed_.notify_all();
    return success();
  }

  /// Moves the build on over what is written by now.
  void advance(Build& build) {
    const std::lock_guard lock(mutex_);
    for (auto it = done_.begin(); it != done_.end() && it->first == next_; it = done_.erase(it)) {
      build.done = it->second.first;
      build.documents += it->second.second;
      ++next_;
    }
  }

  /// Waits for all that was put. The first failure.
  Result<void> finish() {
    {
      const std::lock_guard lock(mutex_);
      no_more_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    if (failure_) return *failure_;
    return success();
  }

 private:
  void write_pages() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !waiting_.empty() || no_more_ || failure_; });
      if (failure_ || waiting_.empty()) return;
      const Work work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      changed_.notify_all();
      const auto written =
          work.page.documents.empty() ? success() : index_.write(work.page.documents);
      lock.lock();
      if (!written && !failure_) failure_ = written.error();
      if (written) {
        const auto count = static_cast<std::int64_t>(work.page.documents.size());
        done_[work.number] = {work.page.end, count};
      }
      changed_.notify_all();
    }
  }

  chat::SearchIndex& index_;
  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::map<std::int64_t, std::pair<Mark, std::int64_t>> done_;
  std::int64_t next_ = 0;
  bool no_more_ = false;
  std::optional<Error> failure_;
  std::vector<std::thread> threads_;
};

/// True when every page was put.
Result<bool> put_pages(Source& source, Writers& writers, Build& build, const BuildHooks& hooks,
                       int limit) {
  Mark after = build.done;
  for (std::int64_t number = 0;; ++number) {
    if (hooks.stopping()) return false;
    RESPRING_TRY(Page page, source.page(after, limit));
    after = page.end;
    const bool last = page.last;
    RESPRING_TRYV(writers.put({number, std::move(page)}));
    writers.advance(build);
    hooks.on_progress(build);
    if (last) return true;
  }
}

}  // namespace

Result<bool> scan(Source& source, chat::SearchIndex& index, Build& build, const BuildHooks& hooks,
                  const ScanOptions& options) {
  Writers writers(index, options.writers);
  const auto put = put_pages(source, writers, build, hooks, options.page);
  const auto written = writers.finish();
  writers.advance(build);
  hooks.on_progress(build);
  if (!put) return put.error();
  RESPRING_TRYV(written);
  return put.value();
}

}  // namespace respring::reindex
