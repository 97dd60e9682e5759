#include "ops/manifests/read.h"

#include <algorithm>
#include <set>

#include "config/yaml_tree.h"
#include "ops/manifests/patch.h"

namespace respring::manifests {
namespace {

using config::Tree;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kOverlays = "overlays/";
constexpr std::string_view kIndex = "kustomization.yaml";

Value value_of(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::text:
      return tree.text;
    case Tree::Kind::list: {
      Array out;
      for (const Tree& item : tree.items) out.push_back(value_of(item));
      return out;
    }
    case Tree::Kind::map: {
      Object out;
      for (const auto& [name, member] : tree.members) out.emplace_back(name, value_of(member));
      return out;
    }
    case Tree::Kind::null:
      break;
  }
  return nullptr;
}

Result<Value> read_one(const std::string& text, const std::string& path) {
  const auto tree = config::parse_yaml(text, path);
  if (!tree) return invalid(tree.error().where + ": " + tree.error().why);
  return value_of(tree.value());
}

Result<const std::string*> file_at(const Files& files, const std::string& path) {
  const auto at = files.find(path);
  if (at == files.end()) return not_found(path + " is not there");
  return &at->second;
}

/// The objects that a kustomization lists; `../../base` is the base.
Result<Objects> resources_of(const Files& files, const std::string& folder, const Value& index) {
  Objects out;
  const Value* listed = index.find("resources");
  if (listed == nullptr || listed->as_array() == nullptr) return out;
  for (const Value& item : *listed->as_array()) {
    const std::string* name = item.as_string();
    if (name == nullptr || name->starts_with("../")) continue;
    RESPRING_TRY(const std::string* text, file_at(files, folder + *name));
    RESPRING_TRY(Objects documents, read_documents(*text, folder + *name));
    std::ranges::move(documents, std::back_inserter(out));
  }
  return out;
}

Result<void> patch_object(Objects& objects, const Value& patch, const Value& content,
                          const std::string& path) {
  const Value* target = patch.find("target");
  const std::string title =
      target == nullptr ? "" : target->string_or("kind") + " " + target->string_or("name");
  const auto at = std::ranges::find(objects, title, title_of);
  if (at == objects.end()) return invalid(path + ": its target '" + title + "' is not in the base");
  if (content.string_or("$patch") == "delete") {
    objects.erase(at);
    return success();
  }
  const auto applied = apply_patch(*at, content);
  if (!applied) return invalid(path + ": " + applied.error().detail);
  return success();
}

/// Fields that are read here; what else kustomize can do would be judged as if it were not there.
Result<void> only_known_fields(const Value& index, const std::string& path) {
  if (index.as_object() == nullptr) return invalid(path + " is no kustomization");
  for (const auto& [name, value] : *index.as_object()) {
    const bool known = name == "apiVersion" || name == "kind" || name == "resources" ||
                       name == "namespace" || name == "patches";
    if (!known)
      return invalid(path + ": '" + name +
                     "' is not read here; check what `kubectl kustomize` makes of the folder");
  }
  return success();
}

/// Jobs that people start are applied by hand, and stand in no kustomization.
Result<void> add_jobs(const Files& files, const std::string& folder, Objects& out) {
  const std::string jobs = folder + "jobs/";
  for (auto at = files.lower_bound(jobs); at != files.end() && at->first.starts_with(jobs); ++at) {
    RESPRING_TRY(Objects documents, read_documents(at->second, at->first));
    std::ranges::move(documents, std::back_inserter(out));
  }
  return success();
}

Result<Composed> compose_overlay(const Files& files, const std::string& name) {
  const std::string folder = std::string(kOverlays) + name + "/";
  const std::string base_index = "base/" + std::string(kIndex);
  RESPRING_TRY(const std::string* base_text, file_at(files, base_index));
  RESPRING_TRY(const Value base, read_one(*base_text, base_index));
  RESPRING_TRY(const std::string* text, file_at(files, folder + std::string(kIndex)));
  RESPRING_TRY(const Value index, read_one(*text, folder + std::string(kIndex)));
  RESPRING_TRYV(only_known_fields(base, base_index));
  RESPRING_TRYV(only_known_fields(index, folder + std::string(kIndex)));
  Composed out{name, {}};
  RESPRING_TRY(out.objects, resources_of(files, "base/", base));
  if (const Value* patches = index.find("patches"); patches != nullptr && patches->as_array()) {
    for (const Value& patch : *patches->as_array()) {
      const std::string path = folder + patch.string_or("path");
      RESPRING_TRY(const std::string* patch_text, file_at(files, path));
      RESPRING_TRY(const Value content, read_one(*patch_text, path));
      RESPRING_TRYV(patch_object(out.objects, patch, content, path));
    }
  }
  RESPRING_TRY(Objects added, resources_of(files, folder, index));
  std::ranges::move(added, std::back_inserter(out.objects));
  RESPRING_TRYV(add_jobs(files, folder, out.objects));
  return out;
}

/// What `render --target=systemd` lays out.
bool is_unit(const std::string& path) {
  return path.ends_with(".service") || path.ends_with(".target") || path.ends_with(".timer");
}

/// Adds an object of a plain file; `kubectl get -o yaml` makes lists of them.
Result<void> add_plain(Value object, const std::string& path, Objects& out) {
  const std::string kind = object.string_or("kind");
  if (kind.empty()) return invalid(path + " is no Kubernetes object: it has no kind");
  if (kind == "Kustomization") return success();
  const Value* items = kind == "List" ? object.find("items") : nullptr;
  if (items == nullptr || items->as_array() == nullptr) {
    out.push_back(std::move(object));
    return success();
  }
  for (const Value& item : *items->as_array()) {
    RESPRING_TRYV(add_plain(item, path, out));
  }
  return success();
}

/// Every document of files that no overlay puts together.
Result<Composed> compose_plain(const Files& files) {
  Composed all;
  for (const auto& [path, text] : files) {
    if (is_unit(path))
      return invalid(path +
                     " is a unit of systemd; here Kubernetes' objects are judged. For a machine: "
                     "systemd-analyze verify, respring config check");
  }
  for (const auto& [path, text] : files) {
    RESPRING_TRY(Objects documents, read_documents(text, path));
    for (Value& object : documents) {
      RESPRING_TRYV(add_plain(std::move(object), path, all.objects));
    }
  }
  if (all.objects.empty()) return invalid("there is no Kubernetes object in it");
  return all;
}

}  // namespace

Result<Objects> read_documents(const std::string& text, const std::string& path) {
  Objects out;
  std::string document;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line != "---") document += line + "\n";
    if (line != "---" && at <= text.size()) continue;
    RESPRING_TRY(Value value, read_one(document, path));
    if (!value.is_null()) out.push_back(std::move(value));
    document.clear();
  }
  return out;
}

Result<std::vector<Composed>> compose(const Files& files) {
  std::set<std::string> overlays;
  for (const auto& [path, text] : files) {
    if (!path.starts_with(kOverlays)) continue;
    const auto end = path.find('/', kOverlays.size());
    if (end != std::string::npos)
      overlays.insert(path.substr(kOverlays.size(), end - kOverlays.size()));
  }
  std::vector<Composed> out;
  for (const std::string& name : overlays) {
    RESPRING_TRY(Composed composed, compose_overlay(files, name));
    out.push_back(std::move(composed));
  }
  if (!out.empty()) return out;
  RESPRING_TRY(Composed all, compose_plain(files));
  out.push_back(std::move(all));
  return out;
}

}  // namespace respring::manifests
