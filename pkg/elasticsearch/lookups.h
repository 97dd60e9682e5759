#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "elasticsearch/search_index.h"

/// What the index asks besides searching, and how the answers are read. Pure.
namespace respring::elasticsearch {

/// Documents of one room or of all (room 0), tombstones or not.
std::string documents_json(std::optional<bool> live, RoomId room);
/// The next rooms that there are documents of.
std::string rooms_json(RoomId after, int limit);
/// Several documents by their ids.
std::string ids_json(const std::vector<chat::SearchHit>& messages);
/// Live documents of each room up to a seq.
std::string counts_json(const std::vector<std::pair<RoomId, Seq>>& rooms);

Result<std::vector<chat::SearchHit>> hits_from(const json::Value& answer);
std::vector<RoomId> rooms_from(const json::Value& answer);
/// Of an answer about one document.
std::optional<SearchIndex::Entry> entry_from(const json::Value& document);
Result<std::vector<std::optional<SearchIndex::Entry>>> entries_from(const json::Value& answer,
                                                                    std::size_t count);
Result<std::vector<std::int64_t>> counts_from(const json::Value& answer, std::size_t count);

}  // namespace respring::elasticsearch
