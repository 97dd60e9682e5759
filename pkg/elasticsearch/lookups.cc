#include "elasticsearch/lookups.h"

#include "elasticsearch/bulk.h"

namespace respring::elasticsearch {
namespace {

/// What `path` leads to, or null.
const json::Value* at(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* found = &value;
  for (const auto name : path) {
    if (found != nullptr) found = found->find(name);
  }
  return found;
}

}  // namespace

std::string documents_json(std::optional<bool> live, RoomId room) {
  json::Writer out;
  out.begin_object().key("query").begin_object().key("bool").begin_object();
  out.key("filter").begin_array();
  if (live)
    out.begin_object().key("term").begin_object().field("live", *live).end_object().end_object();
  if (room) {
    out.begin_object().key("term").begin_object();
    out.field("room", room.value).end_object().end_object();
  }
  out.end_array().end_object().end_object().end_object();
  return out.take();
}

std::string rooms_json(RoomId after, int limit) {
  json::Writer out;
  out.begin_object().field("size", 0).key("aggs").begin_object().key("rooms").begin_object();
  out.key("composite").begin_object().field("size", limit);
  out.key("sources").begin_array().begin_object().key("room").begin_object();
  out.key("terms").begin_object().field("field", "room").end_object();
  out.end_object().end_object().end_array();
  out.key("after").begin_object().field("room", after.value).end_object();
  out.end_object().end_object().end_object().end_object();
  return out.take();
}

std::string ids_json(const std::vector<chat::SearchHit>& messages) {
  json::Writer out;
  out.begin_object().key("ids").begin_array();
  for (const auto& [room, seq] : messages) out.value(document_id(room, seq));
  out.end_array().end_object();
  return out.take();
}

std::string counts_json(const std::vector<std::pair<RoomId, Seq>>& rooms) {
  json::Array filters;
  for (const auto& [room, last] : rooms) {
    json::Array all = {json::Object{{"term", json::Object{{"live", true}}}},
                       json::Object{{"term", json::Object{{"room", room.value}}}},
                       json::Object{{"range", json::Object{{"seq", json::Object{{"lte", last}}}}}}};
    filters.push_back(json::Object{{"bool", json::Object{{"filter", std::move(all)}}}});
  }
  const json::Value by_room =
      json::Object{{"filters", json::Object{{"filters", std::move(filters)}}}};
  return json::dump(json::Object{{"size", 0}, {"aggs", json::Object{{"rooms", by_room}}}});
}

std::optional<SearchIndex::Entry> entry_from(const json::Value& document) {
  if (!document.bool_or("found")) return std::nullopt;
  SearchIndex::Entry entry;
  entry.version = document.int_or("_version");
  const auto* source = document.find("_source");
  entry.live = source != nullptr && source->bool_or("live");
  if (entry.live) entry.text = source->string_or("text");
  return entry;
}

Result<std::vector<chat::SearchHit>> hits_from(const json::Value& answer) {
  std::vector<chat::SearchHit> out;
  const auto* hits = at(answer, {"hits", "hits"});
  if (hits == nullptr || hits->as_array() == nullptr) return out;  // filter_path leaves nothing
  for (const auto& hit : *hits->as_array()) {
    const auto place = hit_of(hit.string_or("_id"));
    if (!place) return internal("the search index has documents of others");
    out.push_back(*place);
  }
  return out;
}

std::vector<RoomId> rooms_from(const json::Value& answer) {
  std::vector<RoomId> out;
  const auto* buckets = at(answer, {"aggregations", "rooms", "buckets"});
  if (buckets == nullptr || buckets->as_array() == nullptr) return out;
  for (const auto& bucket : *buckets->as_array()) {
    const auto* key = bucket.find("key");
    if (key != nullptr) out.push_back(RoomId{key->int_or("room")});
  }
  return out;
}

Result<std::vector<std::optional<SearchIndex::Entry>>> entries_from(const json::Value& answer,
                                                                    std::size_t count) {
  const auto* docs = answer.find("docs");
  std::vector<std::optional<SearchIndex::Entry>> entries;
  if (docs != nullptr && docs->as_array() != nullptr) {
    for (const auto& doc : *docs->as_array()) entries.push_back(entry_from(doc));
  }
  if (entries.size() != count)
    return internal("the search engine answered for another number of documents");
  return entries;
}

Result<std::vector<std::int64_t>> counts_from(const json::Value& answer, std::size_t count) {
  const auto* buckets = at(answer, {"aggregations", "rooms", "buckets"});
  std::vector<std::int64_t> counts;
  if (buckets != nullptr && buckets->as_array() != nullptr) {
    for (const auto& bucket : *buckets->as_array()) counts.push_back(bucket.int_or("doc_count"));
  }
  if (counts.size() != count)
    return internal("the search engine answered for another number of rooms");
  return counts;
}

}  // namespace respring::elasticsearch
