#include "elasticsearch/writing.h"

#include <algorithm>

#include "async/completion.h"
#include "elasticsearch/schema.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace respring::elasticsearch {
namespace {

constexpr std::size_t kSmallest = 20;
constexpr auto kFirstPause = std::chrono::milliseconds(50);
constexpr int kMostDoublings = 5;

metrics::Counter documents_metric(const char* result) {
  return metrics::counter("respring_search_engine_documents_total", {{"result", result}});
}

struct Outcomes {
  metrics::Counter stored = documents_metric("stored");
  metrics::Counter older = documents_metric("older");
  metrics::Counter busy = documents_metric("busy");
  metrics::Counter refused = documents_metric("refused");
};

const Outcomes& outcomes() {
  static const Outcomes kAll;
  return kAll;
}

void count_outcome(const BulkOutcome& outcome) {
  outcomes().stored.add(static_cast<double>(outcome.stored));
  outcomes().older.add(static_cast<double>(outcome.older));
  outcomes().busy.add(static_cast<double>(outcome.again.size()));
  outcomes().refused.add(static_cast<double>(outcome.refusals));
}

/// Whether the whole request may succeed a little later.
bool may_pass(const Answer& answer) {
  return answer.status == 429 || answer.status == 413 || answer.status >= 500;
}

}  // namespace

Writing::Writing(Client& client, const Options& options, const Loop& loop)
    : client_(client), options_(options), loop_(loop), size_(options.bulk_documents) {
  outcomes();  // 0 from the start: Prometheus sees the first refusal only as a step from there
}

void Writing::smaller() { size_ = std::max(kSmallest, size_.load() / 2); }

void Writing::larger() {
  size_ = std::min(options_.bulk_documents, size_.load() + size_.load() / 8 + 1);
}

Task<Result<void>> Writing::pause(int attempt, Deadline deadline) {
  const auto time = kFirstPause * (1 << std::min(attempt, kMostDoublings));
  if (loop_.stopping() || std::chrono::steady_clock::now() + time >= deadline)
    co_return overloaded("the search engine at " + client_.where() + " stays too busy to index");
  co_await async::sleep_for(time);
  co_return success();
}

Task<Result<void>> Writing::send_some(Documents& pending, std::string& refused, bool& busy,
                                      Deadline deadline) {
  auto body = bulk_json(pending, size_, options_.bulk_bytes);
  const Documents sent(pending.begin(),
                       pending.begin() + static_cast<std::ptrdiff_t>(body.documents));
  Call call;
  call.method = net::Method::post;
  call.target = "/" + target_of(options_) + "/_bulk?filter_path=errors,error,items.*.status," +
                "items.*.error.type" + (options_.generation ? "" : "&require_alias=true") +
                (options_.refresh && sent.size() == pending.size() ? "&refresh=true" : "");
  call.body = std::move(body.text);
  call.lines = true;
  RESPRING_CO_TRY(const auto answer, co_await client_.call(std::move(call), deadline));
  if (!answer.ok()) {
    busy = may_pass(answer) && (answer.status != 413 || sent.size() > 1);
    if (!busy) co_return client_.refusal(answer);
    co_return success();
  }
  RESPRING_CO_TRY(auto outcome, bulk_outcome(answer.body, sent));
  count_outcome(outcome);
  if (outcome.no_index) {
    Answer missing;
    missing.status = 404;
    missing.body = json::Object{{"error", json::Object{{"type", "index_not_found_exception"}}}};
    co_return client_.refusal(missing);
  }
  if (!outcome.refused.empty()) refused = std::move(outcome.refused);
  busy = !outcome.again.empty();
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(sent.size()));
  pending.insert(pending.begin(), outcome.again.begin(), outcome.again.end());
  co_return success();
}

Task<Result<void>> Writing::write(const std::vector<chat::SearchDocument>& documents,
                                  Deadline deadline) {
  Documents pending;
  for (const auto& document : documents) pending.push_back(&document);
  std::string refused;
  int attempt = 0;
  const bool one_bulk = pending.size() <= size_;
  while (!pending.empty()) {
    bool busy = false;
    RESPRING_CO_TRYV(co_await send_some(pending, refused, busy, deadline));
    if (!busy) {
      attempt = 0;
      larger();
      continue;
    }
    smaller();
    RESPRING_CO_TRYV(co_await pause(attempt++, deadline));
  }
  if (options_.refresh && !one_bulk) {
    Call call;
    call.method = net::Method::post;
    call.target = "/" + target_of(options_) + "/_refresh";
    RESPRING_CO_TRYV(co_await client_.require(std::move(call), deadline));
  }
  if (refused.empty()) co_return success();
  log::error("search.document_refused", {{"document", refused}});
  co_return internal("the search engine refused document " + refused);
}

}  // namespace respring::elasticsearch
