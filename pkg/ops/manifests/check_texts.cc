// Rules about what manifests hand to the binary: settings, commands, Secrets, names of metrics.
#include <algorithm>
#include <set>

#include "config/yaml_tree.h"
#include "ops/manifests/check.h"
#include "telemetry/metrics.h"

namespace respring::manifests {
namespace {

using config::Tree;
using json::Value;

const Tree* member(const Tree& tree, std::string_view name) {
  const auto at =
      std::ranges::find_if(tree.members, [&](const auto& m) { return m.first == name; });
  return at == tree.members.end() ? nullptr : &at->second;
}

/// Files below the folder of Secrets that the settings read: SECRET/KEY.
void secret_files(const Tree& tree, std::set<std::string>& out) {
  constexpr std::string_view kFolder = "/run/secrets/respring/";
  if (tree.kind == Tree::Kind::text && tree.text.starts_with(kFolder))
    out.insert(tree.text.substr(kFolder.size()));
  for (const Tree& item : tree.items) secret_files(item, out);
  for (const auto& [name, inner] : tree.members) secret_files(inner, out);
}

/// SECRET/KEY of every Secret the pod mounts.
std::set<std::string> mounted_secrets(const Value& pod) {
  std::set<std::string> out;
  for (const Value& volume : items_at(pod, "volumes")) {
    for (const Value& item : items_at(volume, "secret.items"))
      out.insert(text_at(volume, "secret.secretName") + "/" + text_at(item, "path"));
  }
  return out;
}

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

const std::string* settings_text(const Look& look, const Value& pod) {
  for (const Value& volume : items_at(pod, "volumes")) {
    const Value* map = look.find("ConfigMap", text_at(volume, "configMap.name"));
    const Value* text = map == nullptr ? nullptr : at(*map, "data").find("respring.yaml");
    if (text != nullptr) return text->as_string();
  }
  return nullptr;
}

int drain_of(const Look& look, const Value& pod) {
  const std::string* text = settings_text(look, pod);
  if (text == nullptr) return look.facts().drain_seconds;
  const auto tree = config::parse_yaml(*text, "respring.yaml");
  const Tree* section = tree ? member(tree.value(), "shutdown") : nullptr;
  const Tree* seconds = section == nullptr ? nullptr : member(*section, "drain_seconds");
  return seconds == nullptr ? look.facts().drain_seconds : number_of(seconds->text);
}

std::vector<int> bucket_ports(const Look& look, const Value& pod) {
  const std::string* text = settings_text(look, pod);
  const auto tree = config::parse_yaml(text == nullptr ? "" : *text, "respring.yaml");
  const Tree* blobs = tree ? member(tree.value(), "blobs") : nullptr;
  return blobs == nullptr ? std::vector<int>() : ports_of(blobs->text);
}

void check_mounts(Look& look) {
  for (const Value& object : look.objects()) {
    const Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    for (const Value& volume : items_at(*pod, "volumes")) {
      const std::string map = text_at(volume, "configMap.name");
      if (!map.empty() && look.find("ConfigMap", map) == nullptr)
        look.found(object, "volumes: there is no ConfigMap " + map);
    }
    const std::string* text = settings_text(look, *pod);
    const auto tree = config::parse_yaml(text == nullptr ? "" : *text, "respring.yaml");
    if (!tree) continue;  // the rule `settings` says so
    std::set<std::string> wanted;
    secret_files(tree.value(), wanted);
    const std::set<std::string> mounted = mounted_secrets(*pod);
    for (const std::string& file : wanted) {
      if (!mounted.contains(file))
        look.found(object, "volumes: the settings read " + file + ", which is not mounted");
    }
    for (const std::string& file : mounted) {
      if (runs_respring(look, object) && !wanted.contains(file))
        look.found(object, "volumes: " + file + " is mounted and no setting reads it");
    }
  }
}

void check_settings(Look& look) {
  for (const Value& object : look.objects()) {
    const Value* text = at(object, "data").find("respring.yaml");
    if (text_at(object, "kind") != "ConfigMap" || text == nullptr || !text->as_string()) continue;
    if (const auto wrong = look.judges().settings(*text->as_string()))
      look.found(object, "data.respring.yaml: " + *wrong);
  }
}

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
