#include "config/load.h"

#include <unistd.h>

#include <algorithm>

#include "config/layers.h"

namespace respring::config {
namespace {

constexpr std::string_view kPrefix = "RESPRING_";

/// Variables that begin with RESPRING_ and are no settings: ours for other uses, and those that
/// Kubernetes sets for a Service whose name begins with respring.
bool is_setting(std::string_view name) {
  static const std::vector<std::string_view> kOurs = {"CONFIG", "BIN", "SKIP_DEPS", "LANG"};
  const std::string_view rest = name.substr(kPrefix.size());
  if (std::ranges::count(kOurs, rest) > 0) return false;
  for (const std::string_view start : {"FAILPOINT", "CI_", "TEST_"}) {
    if (rest.starts_with(start)) return false;
  }
  const bool service_link =
      rest.ends_with("SERVICE_HOST") || rest.find("SERVICE_PORT") != std::string_view::npos ||
      rest.ends_with("_PORT") || rest == "PORT" || rest.find("_TCP") != std::string_view::npos ||
      rest.find("_UDP") != std::string_view::npos;
  return !service_link;
}

std::string key_of_variable(std::string_view name) {
  std::string key;
  std::string_view rest = name.substr(kPrefix.size());
  while (!rest.empty()) {
    if (rest.starts_with("__")) {
      key.push_back('.');
      rest.remove_prefix(2);
      continue;
    }
    const char c = rest.front();
    key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    rest.remove_prefix(1);
  }
  return key;
}

/// Orders "shards.2.dsn" before "shards.10.dsn", so that entries are appended in their order.
bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  const auto digits = [](const std::string& s, std::size_t from) {
    std::size_t end = from;
    while (end < s.size() && s[end] >= '0' && s[end] <= '9') ++end;
    return end - from;
  };
  while (i < a.size() && j < b.size()) {
    const std::size_t da = digits(a, i);
    const std::size_t db = digits(b, j);
    if (da > 0 && db > 0 && da != db) return da < db;
    if (a[i] != b[j]) return a[i] < b[j];
    ++i;
    ++j;
  }
  return a.size() - i < b.size() - j;
}

/// The file to read, if any, and whether it must be there.
struct Choice {
  std::string path;
  bool chosen = false;
};
std::optional<Choice> choose_file(const Sources& sources) {
  if (sources.file) return Choice{*sources.file, true};
  if (const auto at = sources.environment.find("RESPRING_CONFIG");
      at != sources.environment.end() && !at->second.empty()) {
    return Choice{at->second, true};
  }
  for (const char* path : {"./respring.yaml", "/etc/respring/respring.yaml"}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return Choice{path, false};
  }
  return std::nullopt;
}

std::optional<std::string> apply_file(Layers& layers, const Sources& sources) {
  const auto choice = choose_file(sources);
  if (!choice) return std::nullopt;
  auto text = read_file(choice->path);
  if (!text) {
    layers.problems().push_back(std::move(text).error());
    return std::nullopt;
  }
  auto tree = parse_yaml(text.value(), choice->path);
  if (!tree) {
    layers.problems().push_back(std::move(tree).error());
    return std::nullopt;
  }
  layers.apply_file(tree.value(), choice->path);
  return choice->path;
}

void apply_environment(Layers& layers, const Environment& environment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment) {
    if (name.starts_with(kPrefix) && is_setting(name)) names.push_back(name);
  }
  std::ranges::sort(names, natural_less);
  for (const std::string& name : names) {
    layers.apply_text(key_of_variable(name), environment.at(name),
                      Origin{Layer::environment, name, 0});
  }
}

}  // namespace

std::string Origin::text() const {
  switch (layer) {
    case Layer::fallback:
      return "default";
    case Layer::file:
      return line > 0 ? name + ":" + std::to_string(line) : name;
    case Layer::environment:
      return "env " + name;
    case Layer::flag:
      return "flag " + name;
  }
  return {};
}

Sources Sources::of_process() {
  Sources sources;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sources;
}

std::string Problems::text() const {
  std::string out;
  for (const Problem& problem : all) out += problem.where + ": " + problem.why + "\n";
  if (!out.empty()) out.pop_back();
  return out;
}

const Effective* Loaded::find(std::string_view key) const {
  std::string plain;
  for (const char c : key) {
    if (c == '[') plain.push_back('.');
    if (c != '[' && c != ']') plain.push_back(c);
  }
  const auto at = std::ranges::find(values, plain, &Effective::key);
  return at == values.end() ? nullptr : &*at;
}

Result<Loaded, Problems> load(Registry& registry, const Sources& sources) {
  Layers layers(registry);
  auto file = apply_file(layers, sources);
  apply_environment(layers, sources.environment);
  for (const auto& [key, text] : sources.flags) {
    layers.apply_text(key, text, Origin{Layer::flag, key, 0});
  }
  layers.finish();
  if (!layers.problems().empty()) return Problems{std::move(layers.problems())};
  Loaded loaded = layers.take();
  loaded.file = std::move(file);
  return loaded;
}

Changes changes(const Loaded& before, const Loaded& after) {
  Changes found;
  const auto compare = [&](const Effective& value, const Loaded& other, bool always) {
    const Effective* match = other.find(value.key);
    if (match != nullptr && (!always || match->text == value.text)) return;
    auto& list = value.field->options.reloadable ? found.reloadable : found.need_restart;
    list.push_back(value.key);
  };
  for (const Effective& value : after.values) compare(value, before, true);
  for (const Effective& value : before.values) compare(value, after, false);  // gone
  return found;
}

std::string variable_of(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  return name;
}

}  // namespace respring::config
