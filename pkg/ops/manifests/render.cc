#include "ops/manifests/render.h"

#include <algorithm>
#include <set>

#include "base/yaml.h"
#include "ops/manifests/patch.h"
#include "ops/manifests/role_settings.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kHead =
    "# Made by `respring manifests render`; change the values, not this.\n";

std::string kind_of(const Value& object) { return object.string_or("kind"); }
std::string name_of(const Value& object) {
  const Value* metadata = object.find("metadata");
  return metadata == nullptr ? std::string() : metadata->string_or("name");
}

/// `deployment-respring-gateway.yaml`.
std::string file_of(const Value& object) {
  std::string out = kind_of(object);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out + "-" + name_of(object) + ".yaml";
}

std::string text_of(const Value& value) { return std::string(kHead) + to_yaml(value); }

/// What belongs to one environment alone: its namespace, and the Job of its version.
bool own(const Value& object) { return kind_of(object) == "Namespace" || kind_of(object) == "Job"; }

Object kustomization(Array resources) {
  return {{"apiVersion", "kustomize.config.k8s.io/v1beta1"},
          {"kind", "Kustomization"},
          {"resources", std::move(resources)}};
}

/// What an overlay says of one object of the base that differs; `to` is nullptr when it is not in
/// this environment.
void add_patch(const Value& from, const Value* to, const std::string& folder, Array& patches,
               Files& files) {
  const std::string file = "patch-" + file_of(from);
  Value content;
  if (to == nullptr) {
    content = Object{{"$patch", "delete"},
                     {"apiVersion", from.string_or("apiVersion")},
                     {"kind", kind_of(from)},
                     {"metadata", Object{{"name", name_of(from)}}}};
  } else {
    Array operations = patch_between(from, *to);
    if (operations.empty()) return;
    content = std::move(operations);
  }
  files[folder + file] = text_of(content);
  patches.emplace_back(
      Object{{"path", file}, {"target", Object{{"kind", kind_of(from)}, {"name", name_of(from)}}}});
}

const Value* find_same(const Objects& objects, const Value& object) {
  const std::string title = title_of(object);
  const auto at = std::ranges::find(objects, title, title_of);
  return at == objects.end() ? nullptr : &*at;
}

Value in_namespace(Value object, const std::string& name) {
  if (kind_of(object) == "Namespace") return object;
  auto& members = *object.as_object();
  const auto metadata = std::ranges::find(members, "metadata", &json::Member::first);
  auto& fields = *metadata->second.as_object();
  fields.insert(fields.begin() + 1, {"namespace", name});
  return object;
}

}  // namespace

std::string title_of(const Value& object) { return kind_of(object) + " " + name_of(object); }

Files kustomize_files(const Input& base, const Input& environment) {
  Files files;
  Objects common = objects_of(base);
  std::erase_if(common, own);
  Array base_resources;
  for (const Value& object : common) {
    files["base/" + file_of(object)] = text_of(object);
    base_resources.emplace_back(file_of(object));
  }
  files["base/kustomization.yaml"] = text_of(kustomization(std::move(base_resources)));

  const std::string folder = "overlays/" + environment.environment + "/";
  const Objects wanted = objects_of(environment);
  Array resources = {"../../base"};
  Array patches;
  for (const Value& object : wanted) {
    if (find_same(common, object) != nullptr) continue;
    files[folder + file_of(object)] = text_of(object);
    resources.emplace_back(file_of(object));
  }
  for (const Value& object : common) {
    add_patch(object, find_same(wanted, object), folder, patches, files);
  }
  Object overlay = kustomization(std::move(resources));
  overlay.emplace_back("namespace", environment.values.name_space);
  if (!patches.empty()) overlay.emplace_back("patches", std::move(patches));
  files[folder + "kustomization.yaml"] = text_of(overlay);
  for (const Value& job : operator_jobs(environment)) {
    files[folder + "jobs/" + file_of(job)] =
        text_of(in_namespace(job, environment.values.name_space));
  }
  return files;
}

std::string stream_of(const Input& environment) {
  std::string out;
  for (const Value& object : objects_of(environment)) {
    if (!out.empty()) out += "---\n";
    out += to_yaml(in_namespace(object, environment.values.name_space));
  }
  return out;
}

std::vector<std::string> secrets_needed(const Input& environment) {
  std::vector<std::string> commands;
  const std::string start =
      "kubectl -n " + environment.values.name_space + " create secret generic ";
  const auto files = secrets_of(environment, operator_role(environment.facts));
  for (const auto& [secret, keys] : keys_by_secret(files)) {
    std::string command = start + secret;
    for (const std::string& key : keys) command.append(" --from-file=").append(key).append("=FILE");
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace respring::manifests
