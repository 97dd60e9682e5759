#include <unistd.h>

#include <atomic>

#include <gtest/gtest.h>

#include "contract/search/search_contract.h"
#include "elasticsearch/search_index.h"
#include "stack/endpoints.h"

namespace respring::testing {
namespace {

/// A name that no other test uses.
std::string fresh_name() {
  static std::atomic<int> count{0};
  return "contract-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

std::unique_ptr<chat::SearchIndex> made_at(const std::string& url) {
  auto options = elasticsearch::options_from(url + "/" + fresh_name());
  EXPECT_TRUE(options) << (options ? "" : options.error().detail);
  return elasticsearch::make_search_index(std::move(options).value());
}

std::unique_ptr<chat::SearchIndex> made() {
  return made_at("elasticsearch+" + stack::Endpoints().elasticsearch_url());
}

INSTANTIATE_TEST_SUITE_P(Adapters, SearchContract,
                         ::testing::Values(SearchIndexMaker{"elasticsearch", made}),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace respring::testing
