#include "elasticsearch/search_index.h"

#include <algorithm>
#include <atomic>

#include "elasticsearch/generations.h"
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

/// {"query": {"bool": {"filter": [live, room]}}}
std::string documents_json(std::optional<bool> live, RoomId room) {
  json::Writer out;
  out.begin_object().key("query").begin_object().key("bool").begin_object();
  out.key("filter").begin_array();
  if (live)
    out.begin_object().key("term").begin_object().field("live", *live).end_object().end_object();
  if (room) {
    out.begin_object().key("term").begin_object();
    out.field("room", room.value).end_object().end_object();
  }
  out.end_array().end_object().end_object().end_object();
  return out.take();
}

std::string rooms_json(RoomId after, int limit) {
  json::Writer out;
  out.begin_object().field("size", 0).key("aggs").begin_object().key("rooms").begin_object();
  out.key("composite").begin_object().field("size", limit);
  out.key("sources").begin_array().begin_object().key("room").begin_object();
  out.key("terms").begin_object().field("field", "room").end_object();
  out.end_object().end_object().end_array();
  out.key("after").begin_object().field("room", after.value).end_object();
  out.end_object().end_object().end_object().end_object();
  return out.take();
}

/// What `path` leads to, or null.
const json::Value* at(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* found = &value;
  for (const auto name : path) {
    if (found != nullptr) found = found->find(name);
  }
  return found;
}

Result<std::vector<chat::SearchHit>> hits_from(const json::Value& answer) {
  std::vector<chat::SearchHit> out;
  const auto* hits = at(answer, {"hits", "hits"});
  if (hits == nullptr || hits->as_array() == nullptr) return out;  // filter_path leaves nothing
  for (const auto& hit : *hits->as_array()) {
    const auto place = hit_of(hit.string_or("_id"));
    if (!place) return internal("the search index has documents of others");
    out.push_back(*place);
  }
  return out;
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
      : options_(std::move(options)), client_(options_), writing_(client_, options_, loop_) {}
  ~EngineSearchIndex() override { loop_.finish(); }

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
  Result<std::optional<Entry>> find(RoomId room, Seq seq) override {
    return loop_.block_on(find_now(room, seq));
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
  void forget_if_gone(const Error& error) {
    if (error.code == ErrorCode::upstream_unavailable && ready_.exchange(false))
      log::warn("search.engine_failed", {{"error", error.detail}});
  }
  Task<Result<Answer>> ask(Call call, Deadline deadline) {
    RESPRING_CO_TRYV(co_await ready(deadline));
    auto answer = co_await client_.require(std::move(call), deadline);
    if (!answer) forget_if_gone(answer.error());
    co_return answer;
  }

  Task<Result<Engine>> check_now() {
    const auto deadline = in(options_.search_timeout);
    auto engine = co_await generations::prepare(client_, options_, deadline);
    ready_ = engine.has_value();
    co_return engine;
  }

  Task<Result<void>> write_now(const std::vector<chat::SearchDocument>& documents) {
    static const auto seconds = seconds_of("write");
    const Stopwatch stopwatch(seconds);
    const auto deadline = in(options_.write_timeout);
    RESPRING_CO_TRYV(co_await ready(deadline));
    auto written = co_await writing_.write(documents, deadline);
    if (!written) forget_if_gone(written.error());
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
    RESPRING_CO_TRY(const auto fresh,
                    co_await generations::create(client_, options_, false, deadline));
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
    call.target = target("/_doc/" + document_id(room, seq) + "?_source_includes=live");
    RESPRING_CO_TRY(const auto answer, co_await client_.call(std::move(call), deadline));
    if (answer.status == 404 && answer.error_type().empty()) co_return std::optional<Entry>();
    if (!answer.ok()) co_return client_.refusal(answer);
    const auto* live = at(answer.body, {"_source", "live"});
    Entry entry;
    entry.version = answer.body.int_or("_version");
    entry.live = live != nullptr && live->as_bool().value_or(false);
    co_return std::optional<Entry>(entry);
  }

  Task<Result<std::vector<RoomId>>> rooms_now(RoomId after, int limit) {
    auto call = post(target("/_search?filter_path=aggregations.rooms.buckets.key,error"),
                     rooms_json(after, limit));
    RESPRING_CO_TRY(const auto answer, co_await ask(std::move(call), in(options_.admin_timeout)));
    std::vector<RoomId> out;
    const auto* buckets = at(answer.body, {"aggregations", "rooms", "buckets"});
    if (buckets == nullptr || buckets->as_array() == nullptr) co_return out;
    for (const auto& bucket : *buckets->as_array()) {
      const auto* key = bucket.find("key");
      if (key != nullptr) out.push_back(RoomId{key->int_or("room")});
    }
    co_return out;
  }

  Options options_;
  Loop loop_;  // before the client, whose connections live on it
  Client client_;
  Writing writing_;
  std::atomic<bool> ready_{false};
};

}  // namespace

std::unique_ptr<SearchIndex> make_search_index(Options options) {
  return std::make_unique<EngineSearchIndex>(std::move(options));
}

}  // namespace respring::elasticsearch
