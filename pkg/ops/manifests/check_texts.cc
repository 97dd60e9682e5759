// Rules about what manifests hand to the binary: commands, Secrets, names of metrics.
#include <algorithm>
#include <set>

#include "ops/manifests/check.h"
#include "telemetry/metrics.h"

namespace respring::manifests {
namespace {

using json::Value;

/// Words that look like our metrics in a text: respring_…
std::set<std::string> metric_words(const std::string& text) {
  constexpr std::string_view kStart = "respring_";
  std::set<std::string> out;
  for (std::size_t at = text.find(kStart); at != std::string::npos; at = text.find(kStart, at)) {
    const std::size_t end =
        std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at), text.size());
    out.insert(text.substr(at, end - at));
    at = end;
  }
  return out;
}

bool is_metric(std::string name) {
  const auto& table = metrics::table();
  const auto known = [&](std::string_view word) {
    return std::ranges::find(table, word, &metrics::Declaration::name) != table.end();
  };
  if (known(name)) return true;
  for (const std::string_view end : {"_bucket", "_sum", "_count"}) {
    if (name.ends_with(end) && known(name.substr(0, name.size() - end.size()))) return true;
  }
  return false;
}

void check_metric_words(Look& look, const Value& object, const std::string& text) {
  for (const std::string& word : metric_words(text)) {
    if (!is_metric(word)) look.found(object, "the binary has no metric '" + word + "'");
  }
}

void check_expressions(Look& look, const Value& object) {
  for (const Value& group : items_at(object, "spec.groups")) {
    for (const Value& rule : items_at(group, "rules"))
      check_metric_words(look, object, text_at(rule, "expr"));
  }
}

}  // namespace

void check_commands(Look& look) {
  for (const Value& object : look.objects()) {
    if (!runs_respring(look, object)) continue;
    for (const Value* container : containers_of(*pod_of(object))) {
      std::vector<std::string> words;
      for (const Value& word : items_at(*container, "args")) {
        if (word.as_string() != nullptr) words.push_back(*word.as_string());
      }
      if (const auto wrong = look.judges().command(words))
        look.found(object, "containers[" + text_at(*container, "name") + "].args: " + *wrong);
    }
  }
}

void check_secrets(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "Secret" &&
        (object.find("data") != nullptr || object.find("stringData") != nullptr))
      look.found(object, "holds a secret; make it outside of the manifests");
    const Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    for (const Value* container : containers_of(*pod)) {
      for (const Value& variable : items_at(*container, "env")) {
        const std::string name = text_at(variable, "name");
        const bool secret =
            name.find("PASSWORD") != std::string::npos || name.find("TOKEN") != std::string::npos;
        if (secret && !text_at(variable, "value").empty())
          look.found(object, "env " + name + " holds its value instead of a reference");
      }
    }
  }
}

void check_metrics(Look& look) {
  for (const Value& object : look.objects()) {
    const std::string kind = text_at(object, "kind");
    if (kind == "PrometheusRule") check_expressions(look, object);
    if (kind == "HorizontalPodAutoscaler") {
      for (const Value& metric : items_at(object, "spec.metrics"))
        check_metric_words(look, object, text_at(metric, "pods.metric.name"));
    }
    const Value& data = at(object, "data");
    if (kind != "ConfigMap" || data.as_object() == nullptr) continue;
    for (const auto& [file, text] : *data.as_object()) {
      // A dashboard. Databases have such names, too, but stand in other files.
      if (file.ends_with(".json") && text.as_string() != nullptr)
        check_metric_words(look, object, *text.as_string());
    }
  }
}

}  // namespace respring::manifests
