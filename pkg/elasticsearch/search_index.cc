#include "elasticsearch/search_index.h"

#include <algorithm>
#include <atomic>

#include "elasticsearch/engine_watch.h"
#include "elasticsearch/generations.h"
#include "elasticsearch/lookups.h"
#include "elasticsearch/loop.h"
#include "elasticsearch/query.h"
#include "elasticsearch/schema.h"
#include "elasticsearch/writing.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::elasticsearch {
namespace {

using std::chrono::steady_clock;

// Documents of one step of clear(), so that each step is well within its deadline.
constexpr int kClearedAtOnce = 5'000;
// The engine forgets a deletion at a refresh after the tick of its clock (every 200 ms,
// thread_pool.estimated_time_interval); until then it refuses lower versions of what was deleted.
constexpr auto kUntilForgotten = std::chrono::milliseconds(500);

Call post(std::string target, std::string body = {}) {
  Call call;
  call.method = net::Method::post;
  call.target = std::move(target);
  call.body = std::move(body);
  return call;
}

/// Observes how long an operation took.
class Stopwatch {
 public:
  explicit Stopwatch(const metrics::Histogram& histogram) : histogram_(histogram) {}
  ~Stopwatch() {
    histogram_.observe(std::chrono::duration<double>(steady_clock::now() - begun_).count());
  }

 private:
  metrics::Histogram histogram_;
  steady_clock::time_point begun_ = steady_clock::now();
};

metrics::Histogram seconds_of(const char* operation) {
  return metrics::histogram("respring_search_engine_seconds", {{"operation", operation}});
}

class EngineSearchIndex final : public SearchIndex {
 public:
  explicit EngineSearchIndex(Options options)
      : options_(std::move(options)),
        client_(options_),
        writing_(client_, options_, loop_),
        watch_(loop_, [this] { return wake_up(); }) {}
  ~EngineSearchIndex() override {
    watch_.stop();
    loop_.finish();
  }

  Result<void> write(const std::vector<chat::SearchDocument>& documents) override {
    if (documents.empty()) return success();
    return loop_.block_on(write_now(documents));
  }
  Task<Result<std::vector<chat::SearchHit>>> search(chat::SearchQuery query) override {
    return loop_.run(search_now(std::move(query)));
  }
  Result<std::int64_t> count(RoomId room) override { return loop_.block_on(count_now(room)); }
  Result<void> clear(RoomId room) override {
    return loop_.block_on(room ? clear_room(room) : clear_all());
  }
  Task<Result<Engine>> check() override { return loop_.run(check_now()); }
  void watch() override { watch_.start(); }
  health::Status status() const override { return watch_.status(); }
  Result<std::optional<Entry>> find(RoomId room, Seq seq) override {
    return loop_.block_on(find_now(room, seq));
  }
  Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) override {
    return loop_.block_on(find_all(messages));
  }
  Result<std::vector<std::int64_t>> counts(
      const std::vector<std::pair<RoomId, Seq>>& rooms) override {
    return loop_.block_on(counts_now(rooms));
  }
  Result<std::vector<RoomId>> rooms(RoomId after, int limit) override {
    return loop_.block_on(rooms_now(after, limit));
  }
  Result<void> refresh() override { return loop_.block_on(refresh_now()); }

 private:
  static Deadline in(std::chrono::milliseconds time) { return steady_clock::now() + time; }
  std::string target(std::string_view rest) const {
    return "/" + target_of(options_) + std::string(rest);
  }

  /// The first thing of everything.
  Task<Result<void>> ready(Deadline deadline) {
    if (ready_) co_return success();
    RESPRING_CO_TRYV(co_await generations::prepare(client_, options_, deadline));
    ready_ = true;
    co_return success();
  }
  /// Looks at everything again before the next call, if an answer says that the index is gone.
  template <class T>
  void note(const Result<T>& outcome) {
    if (outcome) return watch_.note_success();
    const Error& error = outcome.error();
    if (error.code != ErrorCode::upstream_unavailable) return;
    watch_.note_failure(error);
    if (ready_.exchange(false)) log::warn("search.engine_failed", {{"error", error.detail}});
  }
  Task<Result<Answer>> ask(Call call, Deadline deadline) {
    RESPRING_CO_TRYV(co_await ready(deadline));
    auto answer = co_await client_.require(std::move(call), deadline);
    note(answer);
    co_return answer;
  }

  Task<Result<Engine>> check_now() {
    const auto deadline = in(options_.search_timeout);
    auto engine = co_await generations::prepare(client_, options_, deadline);
    ready_ = engine.has_value();
    co_return engine;
  }

  Task<Result<void>> wake_up() {
    const auto deadline = in(options_.wake_timeout);
    RESPRING_CO_TRYV(co_await generations::prepare(client_, options_, deadline));
    ready_ = true;
    chat::SearchQuery query;
    query.text = "다시 봄";
    query.rooms.emplace_back(RoomId{1}, 1);
    RESPRING_CO_TRY(const auto words, chat::parse_search(query.text));
    auto call = post(target("/_search?filter_path=took"), search_json(query, words));
    RESPRING_CO_TRYV(co_await client_.require(std::move(call), deadline));
    co_return success();
  }

  Task<Result<void>> write_now(const std::vector<chat::SearchDocument>& documents) {
    static const auto seconds = seconds_of("write");
    const Stopwatch stopwatch(seconds);
    const auto deadline = in(options_.write_timeout);
    RESPRING_CO_TRYV(co_await ready(deadline));
    auto written = co_await writing_.write(documents, deadline);
    note(written);
    co_return written;
  }

  Task<Result<std::vector<chat::SearchHit>>> search_now(chat::SearchQuery query) {
    RESPRING_CO_TRY(const auto words, chat::parse_search(query.text));
    if (words.empty() || query.rooms.empty()) co_return std::vector<chat::SearchHit>();
    if (query.offset + query.limit > kMaxWindow)
      co_return invalid("too many hits: narrow the search down by room, sender or time");
    static const auto seconds = seconds_of("search");
    const Stopwatch stopwatch(seconds);
    auto call = post(target("/_search?filter_path=hits.hits._id,error,status&"
                            "allow_partial_search_results=false"),
                     search_json(query, words));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.search_timeout)));
    co_return hits_from(answer.body);
  }

  Task<Result<void>> refresh_now() {
    auto call = post(target("/_refresh"));
    RESPRING_CO_TRYV(co_await ask(std::move(call), in(options_.admin_timeout)));
    co_return success();
  }

  Task<Result<std::int64_t>> count_now(RoomId room) {
    RESPRING_CO_TRYV(co_await refresh_now());
    auto call = post(target("/_count"), documents_json(true, room));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
    co_return answer.body.int_or("count");
  }

  Task<Result<void>> clear_room(RoomId room) {
    std::int64_t removed = 1;
    std::int64_t all_removed = 0;
    while (removed != 0) {
      auto call = post(target("/_delete_by_query?conflicts=proceed&refresh=true&max_docs=" +
                              std::to_string(kClearedAtOnce)),
                       documents_json(std::nullopt, room));
      RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
      removed = answer.body.int_or("deleted") + answer.body.int_or("version_conflicts");
      all_removed += removed;
    }
    if (all_removed == 0) co_return success();
    co_await async::sleep_for(kUntilForgotten);
    co_return co_await refresh_now();
  }

  /// A new, empty index takes the place of the old one in one step.
  Task<Result<void>> clear_all() {
    const auto deadline = in(options_.admin_timeout);
    RESPRING_CO_TRYV(co_await ready(deadline));
    if (options_.generation) co_return co_await clear_room(RoomId{});
    RESPRING_CO_TRY(const auto existing, co_await generations::list(client_, options_, deadline));
    json::Value nothing;
    RESPRING_CO_TRY(const auto fresh, co_await generations::create(client_, options_, false,
                                                                   std::move(nothing), deadline));
    std::vector<int> replaced;
    for (const auto& one : existing) {
      if (one.serving) replaced.push_back(one.number);
    }
    co_return co_await generations::serve(client_, options_, fresh.number, std::move(replaced),
                                          deadline);
  }

  Task<Result<std::optional<Entry>>> find_now(RoomId room, Seq seq) {
    const auto deadline = in(options_.search_timeout);
    RESPRING_CO_TRYV(co_await ready(deadline));
    Call call;
    call.target = target("/_doc/" + document_id(room, seq) + "?_source_includes=live,text");
    RESPRING_CO_TRY(const auto answer, co_await client_.call(std::move(call), deadline));
    if (answer.status == 404 && answer.error_type().empty()) co_return std::optional<Entry>();
    if (!answer.ok()) co_return client_.refusal(answer);
    co_return entry_from(answer.body);
  }

  Task<Result<std::vector<std::optional<Entry>>>> find_all(
      const std::vector<chat::SearchHit>& messages) {
    auto call = post(target("/_mget?_source_includes=live,text"), ids_json(messages));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
    co_return entries_from(answer.body, messages.size());
  }

  Task<Result<std::vector<std::int64_t>>> counts_now(
      const std::vector<std::pair<RoomId, Seq>>& rooms) {
    auto call = post(target("/_search?filter_path=aggregations,error"), counts_json(rooms));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
    co_return counts_from(answer.body, rooms.size());
  }

  Task<Result<std::vector<RoomId>>> rooms_now(RoomId after, int limit) {
    auto call = post(target("/_search?filter_path=aggregations.rooms.buckets.key,error"),
                     rooms_json(after, limit));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
    co_return rooms_from(answer.body);
  }

  Options options_;
  Loop loop_;  // before the client, whose connections live on it
  Client client_;
  Writing writing_;
  std::atomic<bool> ready_{false};
  EngineWatch watch_;
};

}  // namespace

std::unique_ptr<SearchIndex> make_search_index(Options options) {
  return std::make_unique<EngineSearchIndex>(std::move(options));
}

}  // namespace respring::elasticsearch
