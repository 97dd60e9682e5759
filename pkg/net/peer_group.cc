#include "net/peer_group.h"

#include <algorithm>

#include "net/role_answer.h"
#include "telemetry/metrics.h"

namespace respring::net {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kHanging{500};

}  // namespace

struct PeerGroup::Node {
  explicit Node(const HttpClientOptions& given) : address(given), http(given) {}

  bool rests(Clock::time_point now) const {
    return now.time_since_epoch().count() < until.load(std::memory_order_relaxed);
  }

  const HttpClientOptions address;
  HttpClient http;
  std::atomic<int> failures{0};
  std::atomic<Clock::rep> until{0};
  std::atomic<bool> hangs{false};  ///< as the last failure took its time
};

PeerGroup::PeerGroup(PeerGroupOptions options)
    : options_(std::move(options)), budget_(options_.most_retries) {
  for (const HttpClientOptions& node : options_.nodes) {
    nodes_.push_back(std::make_unique<Node>(node));
  }
}

PeerGroup::~PeerGroup() = default;

std::size_t PeerGroup::awake() const {
  const auto now = Clock::now();
  return static_cast<std::size_t>(std::count_if(
      nodes_.begin(), nodes_.end(), [now](const auto& node) { return !node->rests(now); }));
}

const HttpClientOptions& PeerGroup::next_node() {
  std::vector<const Node*> none;
  const Node* node = pick(none);
  return (node != nullptr ? node : nodes_.front().get())->address;
}

PeerGroup::Node* PeerGroup::pick(std::vector<const Node*>& tried) {
  const auto now = Clock::now();
  const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  Node* resting = nullptr;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node* node = nodes_[(first + i) % nodes_.size()].get();
    if (std::find(tried.begin(), tried.end(), node) != tried.end()) continue;
    if (!node->rests(now)) {
      tried.push_back(node);
      return node;
    }
    if (!node->hangs) resting = node;
  }
  // Nobody else is left: it may be back already, and costs no waiting if it is not.
  if (resting != nullptr) tried.push_back(resting);
  return resting;
}

void PeerGroup::note_failure(Node& node, Clock::duration took) {
  node.hangs = took >= kHanging;
  metrics::counter("respring_peer_failures_total", {{"peer", options_.name}}).add();
  if (node.failures.fetch_add(1) + 1 < options_.failures_to_rest) return;
  const auto until = Clock::now() + options_.rest;
  node.until.store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

void PeerGroup::note_success(Node& node) {
  if (node.failures.load(std::memory_order_relaxed) == 0) return;
  node.failures = 0;
  node.until = 0;
}

bool PeerGroup::may_retry() {
  const std::lock_guard lock(mutex_);
  if (budget_ < 1) return false;
  budget_ -= 1;
  return true;
}

Task<Result<ClientResponse>> PeerGroup::call(ClientRequest request, Clock::time_point deadline) {
  {
    const std::lock_guard lock(mutex_);
    budget_ = std::min(options_.most_retries, budget_ + options_.retries_per_call);
  }
  const bool repeatable = may_repeat(request);
  std::vector<const Node*> tried;
  Error last = overloaded("the " + options_.name + " role is not there");
  while (Node* node = pick(tried)) {
    bool left = false;
    ClientRequest attempt = request;
    attempt.may_have_left = &left;
    const auto asked = Clock::now();
    auto answer = co_await node->http.call(std::move(attempt), deadline);
    if (answer && !was_turned_away(answer.value())) {
      note_success(*node);
      co_return answer;
    }
    const bool turned_away = answer.has_value();
    last = turned_away ? *not_the_roles(answer.value()) : std::move(answer).assume_error();
    if (turned_away) left = false;
    if (last.code == ErrorCode::upstream_unavailable) {
      note_failure(*node, Clock::now() - asked);
      // It has surely not acted. That nobody believes us remains a fault, for the log.
      if (!left && !turned_away) last.code = ErrorCode::overloaded;
    }
    if (left && !(repeatable && may_retry())) break;
    if (Clock::now() >= deadline) break;
  }
  co_return last;
}

}  // namespace respring::net
