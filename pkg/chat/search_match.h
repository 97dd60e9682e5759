#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "chat/search_terms.h"

/// The precise side of search: does this text match, and where. Pure; any thread.
namespace respring::chat {

/// A piece of a text, in code points of the text as given (stored).
struct Highlight {
  std::size_t start = 0;
  std::size_t length = 0;
  bool operator==(const Highlight&) const = default;
};

struct Match {
  std::vector<Highlight> highlights;  ///< ascending; none overlaps or touches another
  std::size_t whole_words = 0;        ///< how many of the query's words stand in the text as words
};

/// Nothing when it does not match. The meaning of a query is described in search_terms.h.
std::optional<Match> match(std::string_view text, const SearchWords& search);

}  // namespace respring::chat
