// A document has the message's place, sender and time; the text as nori's morphemes, which decide
// the order of hits; and our own terms, which decide what is a hit. The terms come ready-made,
// joined by spaces (chat/search_terms.h), so that every engine finds the same.
//
// The similarity `boolean` counts how many morphemes of the query a text has. It does not depend on
// how many documents a shard has or had, so the order is the same on every copy, and equal matches
// are sorted by time.
//
// gc_deletes: a real deletion, which only clear() makes, is to be forgotten at once. Deleted
// messages are tombstones, documents without text, which keep their version.

#include "elasticsearch/schema.h"

#include <charconv>

#include "base/json.h"

namespace respring::elasticsearch {
namespace {

using json::Writer;

void write_text(Writer& out, std::string_view name, std::string_view analyzer,
                std::string_view index_options) {
  out.key(name).begin_object().field("type", "text").field("analyzer", analyzer);
  out.field("index_options", index_options).field("similarity", "boolean");
  out.field("norms", false).end_object();
}

void write_settings(Writer& out, const Options& options) {
  out.key("settings").begin_object();
  out.key("index").begin_object();
  out.field("number_of_shards", options.shards).field("auto_expand_replicas", "0-1");
  out.field("max_result_window", kMaxWindow);
  out.field("gc_deletes", "0s").end_object();
  out.key("analysis").begin_object();
  out.key("tokenizer").begin_object().key("korean").begin_object();
  out.field("type", "nori_tokenizer").field("decompound_mode", "mixed").end_object().end_object();
  out.key("analyzer").begin_object().key("korean").begin_object();
  out.field("type", "custom").field("tokenizer", "korean");
  out.key("filter").begin_array().value("nori_part_of_speech").value("lowercase").end_array();
  out.end_object().end_object();
  out.end_object().end_object();
}

void write_mapping(Writer& out) {
  out.key("mappings").begin_object().field("dynamic", "strict");
  out.key("_meta").begin_object().field("terms", kTermsVersion).end_object();
  // The terms can be made again from the text: they need not be stored twice.
  out.key("_source").begin_object().key("excludes").begin_array();
  out.value("grams").value("words").end_array().end_object();
  out.key("properties").begin_object();
  for (const char* number : {"room", "seq", "sender"})
    out.key(number).begin_object().field("type", "long").end_object();
  out.key("created_at").begin_object().field("type", "date").field("format", "epoch_millis");
  out.end_object();
  out.key("live").begin_object().field("type", "boolean").end_object();
  write_text(out, "text", "korean", "docs");
  write_text(out, "grams", "whitespace", "positions");
  write_text(out, "words", "whitespace", "docs");
  out.end_object().end_object();
}

}  // namespace

std::string index_name(const Options& options, int generation) {
  return options.name + "-v" + std::to_string(generation);
}

std::optional<int> generation_of(const Options& options, std::string_view index) {
  const std::string prefix = options.name + "-v";
  if (!index.starts_with(prefix)) return std::nullopt;
  index.remove_prefix(prefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), number);
  if (error != std::errc{} || end != index.data() + index.size() || number < 1) return std::nullopt;
  return number;
}

std::string target_of(const Options& options) {
  return options.generation ? index_name(options, *options.generation) : options.name;
}

std::string template_json(const Options& options) {
  Writer out;
  out.begin_object();
  out.key("index_patterns").begin_array().value(options.name + "-v*").end_array();
  out.field("priority", 200).field("version", kTermsVersion);
  out.key("template").begin_object();
  write_settings(out, options);
  write_mapping(out);
  out.end_object().end_object();
  return out.take();
}

}  // namespace respring::elasticsearch
