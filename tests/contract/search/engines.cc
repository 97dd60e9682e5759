#include "contract/search/engines.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "contract/waiting.h"
#include "net/http_client.h"
#include "stack/endpoints.h"

namespace respring::testing {
namespace {

std::mutex made_mutex;
std::vector<elasticsearch::Options> made;  // guarded by made_mutex

/// Removes what the tests made on servers that others use too.
class Cleaning final : public ::testing::Environment {
 public:
  void TearDown() override {
    const std::lock_guard lock(made_mutex);
    for (const auto& options : made) {
      ask_engine(options, "DELETE", "/" + options.name + "-v*");
      ask_engine(options, "DELETE", "/_index_template/" + options.name);
    }
  }
};
[[maybe_unused]] const auto* const kCleaning =
    ::testing::AddGlobalTestEnvironment(new Cleaning);  // GoogleTest owns it

}  // namespace

std::string engine_in_use() {
  const char* engine = std::getenv("RESPRING_SEARCH_ENGINE");
  return engine == nullptr ? "elasticsearch" : engine;
}

elasticsearch::Options fresh_index_at(const std::string& http_url) {
  static std::atomic<int> count{0};
  const std::string name = "contract-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  auto options = elasticsearch::options_from("elasticsearch+" + http_url + "/" + name);
  if (!options) throw std::runtime_error(options.error().detail);
  options.value().search_timeout = std::chrono::seconds(30);  // a busy machine is no failure
  return std::move(options).value();
}

elasticsearch::Options fresh_index() {
  const stack::Endpoints endpoints;
  auto options = fresh_index_at(endpoints.search_url(engine_in_use()));
  const std::lock_guard lock(made_mutex);
  made.push_back(options);
  return options;
}

std::string ask_engine(const elasticsearch::Options& options, const std::string& method,
                       const std::string& target, const std::string& body) {
  Waiting wait;  // the connection ends before its loop does
  net::HttpClientOptions http_options;
  http_options.host = options.host;
  http_options.port = options.port;
  net::HttpClient http(http_options);
  net::ClientRequest request;
  request.method = net::method_named(method);
  request.target = target;
  request.body = body;
  if (!body.empty()) request.content_type = "application/json";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto answer = wait(http.call(std::move(request), deadline));
  if (!answer) throw std::runtime_error(answer.error().detail);
  return answer.value().body;
}

}  // namespace respring::testing
