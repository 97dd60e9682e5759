#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.h"

namespace respring::net {

struct PeerGroupOptions {
  using Milliseconds = std::chrono::milliseconds;

  std::string name;  ///< of the role, for metrics and errors
  std::vector<HttpClientOptions> nodes;
  int failures_to_rest = 5;       ///< in a row, then a node is not asked …
  Milliseconds rest{1'000};       ///< … for so long; the first call afterwards tries it
  double retries_per_call = 0.1;  ///< what each call adds to the budget of repeated requests
  double most_retries = 20;
};

/// The nodes of one role, asked in turn. A node that cannot be reached, or turns the request away
/// before the role has seen it, is passed over; one that fails again and again rests – if it fails
/// without delay, only as long as another is there; a request that may have arrived is repeated on
/// another node only if it may be and the budget allows it, so that a failing role is not asked
/// many times as much. Safe from any thread.
class PeerGroup final : public HttpCaller {
 public:
  explicit PeerGroup(PeerGroupOptions options);
  ~PeerGroup() override;

  /// As HttpClient::call; `overloaded` also when every node rests or none can be reached.
  Task<Result<ClientResponse>> call(ClientRequest request,
                                    std::chrono::steady_clock::time_point deadline) override;

  /// Nodes that may be asked now.
  std::size_t awake() const;
  /// The address of the next node in turn that is awake, else of the next one.
  const HttpClientOptions& next_node();
  const std::string& name() const { return options_.name; }
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Node;

  Node* pick(std::vector<const Node*>& tried);
  void note_failure(Node& node, std::chrono::steady_clock::duration took);
  void note_success(Node& node);
  bool may_retry();

  PeerGroupOptions options_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::atomic<std::size_t> turn_{0};
  std::mutex mutex_;
  double budget_;
};

}  // namespace respring::net
