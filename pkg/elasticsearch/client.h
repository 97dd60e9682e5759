#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/json.h"
#include "elasticsearch/options.h"
#include "net/http_client.h"

namespace respring::elasticsearch {

using Deadline = std::chrono::steady_clock::time_point;

struct Call {
  net::Method method = net::Method::get;
  std::string target;
  std::string body;  ///< JSON, or lines of JSON
  bool lines = false;
  bool idempotent = true;
};

struct Answer {
  int status = 0;
  json::Value body;  ///< null when it was no JSON
  bool ok() const { return status / 100 == 2; }
  /// `index_not_found_exception`, …; empty when the engine named none.
  std::string error_type() const;
};

/// What answers at the address.
struct Engine {
  bool opensearch = false;
  std::string version;  ///< 7.17.29
  std::string str() const { return (opensearch ? "OpenSearch " : "Elasticsearch ") + version; }
};

/// The engine's HTTP interface: login, JSON both ways, failures as sentences. Safe from any thread.
class Client {
 public:
  explicit Client(const Options& options);

  /// Any status is a value. `upstream_unavailable` when there was no answer.
  Task<Result<Answer>> call(Call call, Deadline deadline);
  /// The same, but only 2xx is a value; anything else is what refusal() makes of it.
  Task<Result<Answer>> require(Call call, Deadline deadline);
  /// Refuses what is neither Elasticsearch from 7.10 on nor OpenSearch.
  Task<Result<Engine>> detect(Deadline deadline);

  /// An answer that is no success, as an Error: `overloaded` (429), `upstream_unavailable` (no
  /// index, no shard, 5xx), or `internal` with what the engine said.
  Error refusal(const Answer& answer) const;
  const std::string& where() const { return where_; }  ///< http://host:port

 private:
  net::HttpClient http_;
  std::string authorization_;
  std::string where_;
};

}  // namespace respring::elasticsearch
