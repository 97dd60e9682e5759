#include "elasticsearch/bulk.h"

#include <algorithm>
#include <charconv>

#include "chat/search_terms.h"

namespace respring::elasticsearch {
namespace {

std::string joined(const std::vector<std::string>& terms) {
  std::string out;
  for (const auto& term : terms) {
    if (!out.empty()) out += ' ';
    out += term;
  }
  return out;
}

std::string lines_of(const chat::SearchDocument& document) {
  json::Writer action;
  action.begin_object().key("index").begin_object();
  action.field("_id", document_id(document.room, document.seq));
  action.field("version", document.version).field("version_type", "external_gte");
  action.end_object().end_object();

  json::Writer source;
  source.begin_object().field("room", document.room.value).field("seq", document.seq);
  source.field("sender", document.sender.value).field("created_at", to_ms(document.created_at));
  source.field("live", document.text.has_value());
  if (document.text) {
    const auto terms = chat::index_terms(*document.text);
    source.field("text", *document.text);
    source.field("grams", joined(terms.grams)).field("words", joined(terms.words));
  }
  source.end_object();
  return action.take() + "\n" + source.take() + "\n";
}

void take_item(const json::Value& item, const chat::SearchDocument* document,
               BulkOutcome& outcome) {
  const auto* index = item.find("index");
  const std::int64_t status = index == nullptr ? 0 : index->int_or("status");
  const auto* error = index == nullptr ? nullptr : index->find("error");
  const std::string type = error == nullptr ? "" : error->string_or("type");
  if (status / 100 == 2) {
    ++outcome.stored;
  } else if (status == 409) {
    ++outcome.older;
  } else if (status == 429 || status >= 500) {
    outcome.again.push_back(document);
  } else if (type == "index_not_found_exception") {
    outcome.no_index = true;
  } else {
    ++outcome.refusals;
    outcome.refused =
        document_id(document->room, document->seq) + ": " + std::to_string(status) + " " + type;
  }
}

}  // namespace

std::string document_id(RoomId room, Seq seq) { return room.str() + ":" + std::to_string(seq); }

std::optional<chat::SearchHit> hit_of(std::string_view id) {
  const auto colon = id.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto room = RoomId::parse(id.substr(0, colon));
  const auto seq = parse_id(id.substr(colon + 1));
  if (!room || !seq) return std::nullopt;
  return chat::SearchHit{*room, *seq};
}

BulkBody bulk_json(const Documents& documents, std::size_t most, std::size_t most_bytes) {
  BulkBody body;
  for (const auto* document : documents) {
    if (body.documents == std::max<std::size_t>(most, 1)) break;
    std::string lines = lines_of(*document);
    if (body.documents != 0 && body.text.size() + lines.size() > most_bytes) break;
    body.text += lines;
    ++body.documents;
  }
  return body;
}

Result<BulkOutcome> bulk_outcome(const json::Value& answer, const Documents& documents) {
  BulkOutcome outcome;
  const auto* errors = answer.find("errors");
  if (errors == nullptr || !errors->as_bool()) return internal("the answer to a bulk is no answer");
  if (!*errors->as_bool()) {
    outcome.stored = documents.size();
    return outcome;
  }
  const auto* items = answer.find("items");
  if (items == nullptr || items->as_array() == nullptr ||
      items->as_array()->size() != documents.size())
    return internal("the answer to a bulk has not as many items as the bulk");
  for (std::size_t i = 0; i < documents.size(); ++i)
    take_item((*items->as_array())[i], documents[i], outcome);
  return outcome;
}

}  // namespace respring::elasticsearch
