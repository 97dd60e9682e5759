#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.h"

namespace respring::testing {

/// "This query finds this text, or it does not", as people expect it.
struct SearchCase {
  std::string text;
  std::string query;
  bool found = false;
};

/// The set that unit tests and every search index go through. RESPRING_SEARCH_CASES is its path.
inline std::vector<SearchCase> search_cases() {
  std::ifstream file(RESPRING_SEARCH_CASES);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const auto parsed = json::parse(content);
  if (!parsed || parsed.value().as_array() == nullptr)
    throw std::runtime_error("cannot read " RESPRING_SEARCH_CASES);
  std::vector<SearchCase> cases;
  for (const auto& item : *parsed.value().as_array()) {
    const auto& row = *item.as_array();
    cases.push_back({*row.at(0).as_string(), *row.at(1).as_string(), *row.at(2).as_bool()});
  }
  return cases;
}

}  // namespace respring::testing
