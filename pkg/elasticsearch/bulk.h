#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "chat/ports/search_index.h"

/// The engine's bulk interface as texts. Pure.
namespace respring::elasticsearch {

using Documents = std::vector<const chat::SearchDocument*>;

/// `room:seq`.
std::string document_id(RoomId room, Seq seq);
std::optional<chat::SearchHit> hit_of(std::string_view document_id);

struct BulkBody {
  std::string text;
  std::size_t documents = 0;  ///< so many of the given ones, from the first; at least one
};
/// At most `most` documents and, beyond the first, `most_bytes`.
BulkBody bulk_json(const Documents& documents, std::size_t most, std::size_t most_bytes);

/// What became of each document of a bulk.
struct BulkOutcome {
  std::size_t stored = 0;
  std::size_t older = 0;  ///< the index has a higher version: nothing to do
  Documents again;        ///< the engine was busy; may be sent again
  std::string refused;    ///< why one was refused for good, with its id; empty: none was
  std::size_t refusals = 0;
  bool no_index = false;
};
/// Reads the answer to a bulk of these documents, in their order.
Result<BulkOutcome> bulk_outcome(const json::Value& answer, const Documents& documents);

}  // namespace respring::elasticsearch
