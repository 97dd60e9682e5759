#pragma once

#include <string>

#include "chat/ports/search_index.h"
#include "chat/search_terms.h"

namespace respring::elasticsearch {

/// The body of `_search` for such a query: everything that has all its terms, in the rooms and the
/// time asked for, ranked by match, then newest. Pure.
///
/// Of rooms with very many different first seqs some are not narrowed down by seq: their hits are
/// candidates that the search role refuses.
std::string search_json(const chat::SearchQuery& query, const chat::SearchWords& words);

}  // namespace respring::elasticsearch
