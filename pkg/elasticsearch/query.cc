#include "elasticsearch/query.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "chat/text.h"

namespace respring::elasticsearch {
namespace {

using chat::TermQuery;
using json::Writer;

// An engine takes 1024 clauses (indices.query.bool.max_clause_count); each first seq needs two.
constexpr std::size_t kMostFirstSeqs = 400;
// And so many values in one list (index.max_terms_count).
constexpr std::size_t kMostRoomsInAList = 65'000;

std::string joined(const std::vector<std::string>& terms) {
  std::string out;
  for (const auto& term : terms) out += (out.empty() ? "" : " ") + term;
  return out;
}

/// {"KIND": {"FIELD": "TEXT"}}
void write_clause(Writer& out, std::string_view kind, std::string_view field,
                  std::string_view text) {
  out.begin_object().key(kind).begin_object().field(field, text).end_object().end_object();
}

void write_condition(Writer& out, const TermQuery& condition) {
  const auto& [kind, terms] = condition;
  switch (kind) {
    case TermQuery::Kind::phrase:
      return write_clause(out, terms.size() > 1 ? "match_phrase" : "term", "grams", joined(terms));
    case TermQuery::Kind::syllable:
      return write_clause(out, "prefix", "grams", terms.front());
    case TermQuery::Kind::word:
      return write_clause(out, "term", "words", terms.front());
    case TermQuery::Kind::word_prefix:
      return write_clause(out, "prefix", "words", terms.front());
  }
}

void write_room_lists(Writer& out, const std::vector<RoomId>& rooms) {
  for (std::size_t begin = 0; begin < rooms.size(); begin += kMostRoomsInAList) {
    const std::size_t end = std::min(rooms.size(), begin + kMostRoomsInAList);
    out.begin_object().key("terms").begin_object().key("room").begin_array();
    for (std::size_t i = begin; i < end; ++i) out.value(rooms[i].value);
    out.end_array().end_object().end_object();
  }
}

void write_rooms_from(Writer& out, Seq first, const std::vector<RoomId>& rooms) {
  out.begin_object().key("bool").begin_object().key("filter").begin_array();
  write_room_lists(out, rooms);
  out.begin_object().key("range").begin_object().key("seq").begin_object();
  out.field("gte", first).end_object().end_object().end_object();
  out.end_array().end_object().end_object();
}

/// Rooms with the same first seq share a clause; those of the most different ones have none.
void write_rooms(Writer& out, const chat::SearchQuery& query) {
  std::map<Seq, std::vector<RoomId>> by_first;
  for (const auto& [room, first] : query.rooms) by_first[std::max<Seq>(first, 1)].push_back(room);
  std::vector<RoomId> whole = std::move(by_first[1]);
  by_first.erase(1);
  while (by_first.size() > kMostFirstSeqs) {
    const auto least = by_first.begin();  // narrows down the least
    whole.insert(whole.end(), least->second.begin(), least->second.end());
    by_first.erase(least);
  }
  out.begin_object().key("bool").begin_object().key("should").begin_array();
  write_room_lists(out, whole);
  for (const auto& [first, rooms] : by_first) {
    if (rooms.size() <= kMostRoomsInAList) {
      write_rooms_from(out, first, rooms);
    } else {
      write_room_lists(out, rooms);
    }
  }
  out.end_array().end_object().end_object();
}

void write_time(Writer& out, const chat::SearchQuery& query) {
  if (!query.since && !query.until) return;
  out.begin_object().key("range").begin_object().key("created_at").begin_object();
  if (query.since) out.field("gte", to_ms(*query.since));
  if (query.until) out.field("lt", to_ms(*query.until));
  out.end_object().end_object().end_object();
}

void write_query(Writer& out, const chat::SearchQuery& query, const chat::SearchWords& words) {
  out.key("query").begin_object().key("bool").begin_object();
  out.key("filter").begin_array();
  for (const auto& condition : chat::query_terms(words)) write_condition(out, condition);
  write_rooms(out, query);
  if (query.sender) {
    out.begin_object().key("term").begin_object();
    out.field("sender", query.sender->value).end_object().end_object();
  }
  write_time(out, query);
  out.end_array();
  out.key("should").begin_array().begin_object().key("match").begin_object();
  out.key("text").begin_object().field("query", chat::nfc(query.text));
  out.field("auto_generate_synonyms_phrase_query", false);
  out.end_object().end_object().end_object().end_array();
  out.field("minimum_should_match", 0);
  out.end_object().end_object();
}

void write_order(Writer& out) {
  out.key("sort").begin_array();
  for (const auto& [field, order] : {std::pair("_score", "desc"), std::pair("created_at", "desc"),
                                     std::pair("seq", "desc"), std::pair("room", "asc")})
    out.begin_object().field(field, order).end_object();
  out.end_array();
}

}  // namespace

std::string search_json(const chat::SearchQuery& query, const chat::SearchWords& words) {
  Writer out;
  out.begin_object();
  out.field("from", std::max<std::int64_t>(query.offset, 0));
  out.field("size", std::max(query.limit, 0));
  out.field("_source", false).field("track_total_hits", false);
  write_query(out, query, words);
  write_order(out);
  out.end_object();
  return out.take();
}

}  // namespace respring::elasticsearch
