#include "ops/manifests/patch.h"

#include <algorithm>

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

std::string unescaped(const std::string& part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool code = part[i] == '~' && i + 1 < part.size();
    out += !code ? part[i] : part[++i] == '1' ? '/' : '~';
  }
  return out;
}

void compare(const Value& from, const Value& to, const std::string& path, Array& out);

void compare_objects(const Object& from, const Object& to, const std::string& path, Array& out) {
  for (const auto& [name, value] : from) {
    const auto at = std::ranges::find(to, name, &json::Member::first);
    const std::string below = path + "/" + escaped(name);
    if (at == to.end()) {
      out.emplace_back(Object{{"op", "remove"}, {"path", below}});
    } else {
      compare(value, at->second, below, out);
    }
  }
  for (const auto& [name, value] : to) {
    if (std::ranges::find(from, name, &json::Member::first) != from.end()) continue;
    out.emplace_back(Object{{"op", "add"}, {"path", path + "/" + escaped(name)}, {"value", value}});
  }
}

void compare(const Value& from, const Value& to, const std::string& path, Array& out) {
  if (from == to) return;
  if (from.as_object() != nullptr && to.as_object() != nullptr)
    return compare_objects(*from.as_object(), *to.as_object(), path, out);
  const Array* a = from.as_array();
  const Array* b = to.as_array();
  if (a != nullptr && b != nullptr && a->size() == b->size()) {
    for (std::size_t i = 0; i < a->size(); ++i)
      compare((*a)[i], (*b)[i], path + "/" + std::to_string(i), out);
    return;
  }
  out.emplace_back(Object{{"op", "replace"}, {"path", path}, {"value", to}});
}

/// The value of that name or number below `parent`, or nullptr.
Value* below(Value& parent, const std::string& part) {
  if (auto* object = parent.as_object()) {
    const auto at = std::ranges::find(*object, part, &json::Member::first);
    return at == object->end() ? nullptr : &at->second;
  }
  auto* array = parent.as_array();
  if (array == nullptr || part.empty() || part.size() > 6 ||
      part.find_first_not_of("0123456789") != std::string::npos)
    return nullptr;
  const std::size_t index = std::stoul(part);
  return index < array->size() ? &(*array)[index] : nullptr;
}

bool apply_one(Value& root, const std::string& kind, const std::string& path, const Value* value) {
  const auto last = path.rfind('/');
  if (last == std::string::npos) return false;
  Value* parent = &root;
  for (std::size_t at = 1; at < last + 1 && parent != nullptr && last > 0;) {
    const std::size_t end = std::min(path.find('/', at), last);
    parent = below(*parent, unescaped(path.substr(at, end - at)));
    at = end + 1;
  }
  if (parent == nullptr) return false;
  const std::string name = unescaped(path.substr(last + 1));
  Value* target = below(*parent, name);
  if (kind == "replace" && target != nullptr && value != nullptr) {
    *target = Value(*value);
    return true;
  }
  auto* object = parent->as_object();
  if (kind == "add" && object != nullptr && value != nullptr) {
    if (target != nullptr) {
      *target = Value(*value);
    } else {
      object->emplace_back(name, *value);
    }
    return true;
  }
  if (kind != "remove" || object == nullptr || target == nullptr) return false;
  std::erase_if(*object, [&](const json::Member& member) { return member.first == name; });
  return true;
}

}  // namespace

Array patch_between(const Value& from, const Value& to) {
  Array out;
  compare(from, to, "", out);
  return out;
}

Result<void> apply_patch(Value& value, const Value& operations) {
  if (operations.as_array() == nullptr) return invalid("is no list of operations");
  for (const Value& operation : *operations.as_array()) {
    const std::string kind = operation.string_or("op");
    const std::string path = operation.string_or("path");
    if (!apply_one(value, kind, path, operation.find("value")))
      return invalid("'" + kind + " " + path + "' does not fit what it is applied to");
  }
  return success();
}

}  // namespace respring::manifests
