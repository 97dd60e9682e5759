#include "config/layers.h"

#include <algorithm>

#include "config/nearest.h"
#include "config/redact.h"
#include "config/render.h"

namespace respring::config {
namespace {

constexpr std::size_t kMostElements = 1024;

std::string join(const std::string& outer, const std::string& key) {
  return outer.empty() ? key : outer + "." + key;
}

/// A value fit for a message: short, and without the secrets of a URL.
std::string presentable(const std::string& value) {
  const std::string text = without_secrets(value);
  constexpr std::size_t kMostShown = 80;
  std::string out = "'";
  if (text.size() <= kMostShown) {
    out += text;
  } else {
    std::size_t end = kMostShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;  // whole character
    out.append(text, 0, end).append("…");
  }
  return out.append("'");
}

bool has_section(const Registry& registry, const std::string& key) {
  const std::string start = key + ".";
  return std::ranges::any_of(registry.fields(),
                             [&](const Field& field) { return field.key.starts_with(start); });
}

Field* find_field(Registry& registry, std::string_view key) {
  const auto at = std::ranges::find(registry.fields(), key, &Field::key);
  return at == registry.fields().end() ? nullptr : &*at;
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    std::string part = text.substr(start, end - start);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    parts.push_back(std::move(part));
    start = end + 1;
  }
  return parts;
}

/// `limits` of `limits.sends_per_user`, and so on.
std::vector<std::string> sections_of(const std::vector<std::string>& keys) {
  std::vector<std::string> sections;
  for (const std::string& key : keys) {
    const auto dot = key.rfind('.');
    if (dot != std::string::npos) sections.push_back(key.substr(0, dot));
  }
  return sections;
}

/// The setting or section that somebody meant by a wrong name: one that ends in it, else the most
/// similar.
std::optional<std::string> meant(const Registry& registry, const std::string& key) {
  const std::vector<std::string> keys = all_keys(registry);
  const std::string last = key.substr(key.rfind('.') + 1);
  for (const std::string& candidate : keys) {
    if (candidate.ends_with("." + last)) return candidate;
  }
  if (auto setting = nearest(key, keys)) return setting;
  return nearest(key, sections_of(keys));
}

}  // namespace

Layers::Layers(Registry& registry, std::string section)
    : registry_(registry), section_(std::move(section)) {
  note_defaults(registry, "");
}

std::string Layers::shown(const std::string& key) const {
  return section_.empty() || key.empty() ? key : section_ + "." + key;
}

void Layers::complain(const Origin& origin, const std::string& key, const std::string& why) {
  problems_.push_back({origin.text(), shown(key), shown(key) + ": " + why});
}

void Layers::note_defaults(Registry& registry, const std::string& outer) {
  for (Field& field : registry.fields()) {
    const std::string key = join(outer, field.key);
    note(field, key, Origin{});
    if (field.type != Type::structs) continue;
    for (std::size_t i = 0; i < field.size(); ++i) {
      Registry element = field.at(i);
      note_defaults(element, key + "." + std::to_string(i));
    }
  }
}

void Layers::note(const Field& field, const std::string& key, Origin origin) {
  auto& copy = fields_[key];
  if (!copy) {
    copy = std::make_shared<Field>(field);
    // A copy describes; it must not reach values that may have moved.
    copy->assign = nullptr;
    copy->show = nullptr;
    copy->size = nullptr;
    copy->resize = nullptr;
    copy->at = nullptr;
  }
  const std::string text =
      field.type == Type::structs ? std::to_string(field.size()) + " entries" : field.show();
  auto [at, fresh] = values_.try_emplace(key);
  Effective& value = at->second;
  if (!fresh) value.shadowed.insert(value.shadowed.begin(), {value.origin, value.text});
  value.key = key;
  value.text = text;
  value.origin = std::move(origin);
  value.field = copy.get();
}

void Layers::forget_below(const std::string& key) {
  std::erase_if(values_, [&](const auto& entry) { return entry.first.starts_with(key + "."); });
}

void Layers::unknown(const std::string& key, const Origin& origin) {
  const bool variable = origin.layer == Layer::environment;
  std::string why = variable ? "no such setting" : "unknown setting ";
  if (!variable) why += presentable(shown(key));
  if (const auto name = meant(registry_, key)) {
    why += "; did you mean '" + (variable ? variable_of(*name) : shown(*name)) + "'?";
  }
  problems_.push_back({origin.text(), shown(key), std::move(why)});
}

void Layers::store(Field& field, const std::string& key, const std::vector<std::string>& texts,
                   const Origin& origin) {
  if (auto wrong = field.assign(texts)) {
    const bool one = field.type != Type::text_list;  // a list says which of its texts
    const std::string value = one && texts.size() == 1 ? presentable(texts.front()) + " " : "";
    const std::string expected = field.type == Type::secret_file || field.type == Type::path
                                     ? ""
                                     : " (" + describe_type(field) + ")";
    complain(origin, key, value + (one ? wrong->why : without_secrets(wrong->why)) + expected);
    return;
  }
  note(field, key, origin);
}

void Layers::apply_file(const Tree& tree, const std::string& path) {
  if (tree.kind == Tree::Kind::null) return;  // an empty file
  if (tree.kind != Tree::Kind::map) {
    problems_.push_back(
        {path + ":1", {}, "must be a map of settings, like 'listen: 127.0.0.1:8080'"});
    return;
  }
  apply_map(registry_, "", "", tree, path);
}

void Layers::apply_map(Registry& registry, const std::string& outer, const std::string& inner,
                       const Tree& tree, const std::string& path) {
  for (const auto& [name, value] : tree.members) {
    const std::string local = join(inner, name);
    const std::string key = join(outer, local);
    const Origin origin{Layer::file, path, value.line};
    if (name.find('.') != std::string::npos) {
      problems_.push_back(
          {origin.text(), shown(key), "'" + name + "': write sections as nested maps"});
    } else if (Field* field = find_field(registry, local)) {
      apply_field(*field, key, value, path);
    } else if (!has_section(registry, local)) {
      unknown(key, origin);
    } else if (value.kind == Tree::Kind::map) {
      apply_map(registry, outer, local, value, path);
    } else if (value.kind != Tree::Kind::null) {
      complain(origin, key, "is a section of settings, not a value");
    }
  }
}

void Layers::apply_field(Field& field, const std::string& key, const Tree& tree,
                         const std::string& path) {
  const Origin origin{Layer::file, path, tree.line};
  const auto wrong = [&](const std::string& why) { complain(origin, key, why); };
  if (field.type == Type::structs) return replace_list(field, key, tree, path);
  if (tree.kind == Tree::Kind::text) {
    const bool list = field.type == Type::text_list;
    return store(field, key, list ? split_commas(tree.text) : std::vector{tree.text}, origin);
  }
  if (tree.kind != Tree::Kind::list || field.type != Type::text_list) {
    return wrong(tree.kind == Tree::Kind::null ? "has no value"
                                               : "must be " + describe_type(field));
  }
  std::vector<std::string> texts;
  for (const Tree& item : tree.items) {
    if (item.kind != Tree::Kind::text) return wrong("must be a list of plain texts");
    texts.push_back(item.text);
  }
  store(field, key, texts, origin);
}

void Layers::replace_list(Field& field, const std::string& key, const Tree& tree,
                          const std::string& path) {
  const Origin origin{Layer::file, path, tree.line};
  if (tree.kind != Tree::Kind::list || tree.items.size() > kMostElements) {
    complain(origin, key, "must be a list of at most 1024 entries");
    return;
  }
  field.resize(tree.items.size());
  forget_below(key);
  note(field, key, origin);
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    const std::string outer = key + "." + std::to_string(i);
    Registry element = field.at(i);
    note_defaults(element, outer);
    if (tree.items[i].kind == Tree::Kind::map) {
      apply_map(element, outer, "", tree.items[i], path);
    } else {
      const Origin place{Layer::file, path, tree.items[i].line};
      complain(place, outer, "must be a map like {name: …}");
    }
  }
}

void Layers::apply_text(const std::string& key, const std::string& text, const Origin& origin) {
  if (!apply_in(registry_, "", key, text, origin)) unknown(key, origin);
}

bool Layers::apply_in(Registry& registry, const std::string& outer, const std::string& key,
                      const std::string& text, const Origin& origin) {
  if (Field* field = find_field(registry, key)) {
    const std::string full = join(outer, key);
    if (field->type == Type::structs) {
      complain(origin, full, "name one entry, like " + full + ".0.…");
    } else {
      const bool list = field->type == Type::text_list;
      store(*field, full, list ? split_commas(text) : std::vector{text}, origin);
    }
    return true;
  }
  for (Field& field : registry.fields()) {
    if (field.type == Type::structs && key.starts_with(field.key + ".")) {
      return apply_element(field, join(outer, field.key), key.substr(field.key.size() + 1), text,
                           origin);
    }
  }
  return false;
}

bool Layers::apply_element(Field& field, const std::string& outer, const std::string& rest,
                           const std::string& text, const Origin& origin) {
  const auto dot = rest.find('.');
  const auto index = parse_integer(rest.substr(0, dot));
  if (dot == std::string::npos || !index || index.value() < 0) return false;
  const auto count = static_cast<std::int64_t>(field.size());
  if (index.value() > count || static_cast<std::size_t>(index.value()) >= kMostElements) {
    complain(origin, outer,
             "there are " + std::to_string(count) + " entries, so the next one is number " +
                 std::to_string(count));
    return true;
  }
  const std::string element_key = outer + "." + std::to_string(index.value());
  Registry element = field.at(static_cast<std::size_t>(index.value()));
  if (index.value() == count) {
    note(field, outer, origin);
    note_defaults(element, element_key);
  }
  return apply_in(element, element_key, rest.substr(dot + 1), text, origin);
}

void Layers::finish() {
  if (!problems_.empty()) return;
  for (const auto& condition : registry_.conditions()) {
    if (auto blame = condition()) {
      const auto at = values_.find(blame->key);
      const std::string where = at == values_.end() ? "configuration" : at->second.origin.text();
      problems_.push_back({where, shown(blame->key), shown(blame->key) + ": " + blame->why});
    }
  }
}

void Layers::collect(Registry& registry, const std::string& outer, Loaded& out) {
  for (Field& field : registry.fields()) {
    const std::string key = join(outer, field.key);
    if (const auto at = values_.find(key); at != values_.end()) {
      out.values.push_back(at->second);
      out.fields.push_back(fields_[key]);
    }
    if (field.type != Type::structs) continue;
    for (std::size_t i = 0; i < field.size(); ++i) {
      Registry element = field.at(i);
      collect(element, key + "." + std::to_string(i), out);
    }
  }
}

Loaded Layers::take() {
  Loaded out;
  collect(registry_, "", out);
  return out;
}

}  // namespace respring::config
