#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "chat/search_terms.h"

namespace respring::testing {

/// What an engine does that keeps to the terms: the plain meaning of search_terms.h.
inline bool terms_hold(const chat::IndexTerms& terms, const std::vector<chat::TermQuery>& queries) {
  using Kind = chat::TermQuery::Kind;
  const auto holds = [&terms](const chat::TermQuery& query) {
    const auto begins = [&query](const std::string& term) {
      return term.starts_with(query.terms.front());
    };
    switch (query.kind) {
      case Kind::phrase:
        return std::search(terms.grams.begin(), terms.grams.end(), query.terms.begin(),
                           query.terms.end()) != terms.grams.end();
      case Kind::syllable:
        return std::any_of(terms.grams.begin(), terms.grams.end(), begins);
      case Kind::word:
        return std::find(terms.words.begin(), terms.words.end(), query.terms.front()) !=
               terms.words.end();
      case Kind::word_prefix:
        return std::any_of(terms.words.begin(), terms.words.end(), begins);
    }
    return false;
  };
  return !queries.empty() && std::all_of(queries.begin(), queries.end(), holds);
}

}  // namespace respring::testing
