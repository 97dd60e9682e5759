#include <gtest/gtest.h>

#include "contract/search/engines.h"
#include "contract/search/search_contract.h"
#include "elasticsearch/search_index.h"

namespace respring::testing {
namespace {

std::unique_ptr<chat::SearchIndex> made() {
  return elasticsearch::make_search_index(fresh_index());
}

INSTANTIATE_TEST_SUITE_P(Adapters, SearchContract,
                         ::testing::Values(SearchIndexMaker{"elasticsearch", made}),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace respring::testing
