#include "respring/manifests/environments.h"

#include <algorithm>

#include "config/nearest.h"
#include "config/render.h"
#include "config/yaml_tree.h"
#include "respring/configuration.h"
#include "respring/manifests/facts.h"

namespace respring::cmd {

std::string_view base_values();
std::string_view dev_values();
std::string_view staging_values();
std::string_view prod_values();

namespace {

struct Environment {
  std::string name;
  std::string_view (*text)();
};

const std::vector<Environment>& environments() {
  static const std::vector<Environment> kAll = {
      {"dev", dev_values}, {"staging", staging_values}, {"prod", prod_values}};
  return kAll;
}

Exit fail_values(Console& console, const config::Problems& problems) {
  json::Array details;
  for (const config::Problem& problem : problems.all) {
    details.push_back(
        json::Object{{"where", problem.where}, {"key", problem.key}, {"why", problem.why}});
  }
  return console.fail(Exit::configuration, "manifests.values", problems.text(),
                      "all values: respring manifests values", std::move(details));
}

}  // namespace

const std::vector<std::string>& environment_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Environment& environment : environments()) names.push_back(environment.name);
    return names;
  }();
  return kNames;
}

Exit fail_unknown_environment(Console& console, const std::string& name) {
  const auto near = config::nearest(name, environment_names());
  return console.fail(
      Exit::usage, "manifests.environment",
      "there is no environment '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
      "environments: dev, staging, prod; your own values: --values FILE");
}

Result<manifests::Input, Exit> load_environment(Console& console, const std::string& name,
                                                const std::vector<std::string>& files) {
  std::vector<manifests::Source> sources = {{std::string(base_values()), "manifests/base.yaml"}};
  if (!name.empty()) {
    const auto found = std::ranges::find(environments(), name, &Environment::name);
    if (found == environments().end()) {
      return fail_unknown_environment(console, name);
    }
    sources.push_back({std::string(found->text()), "manifests/" + name + ".yaml"});
  }
  for (const std::string& file : files) {
    auto text = config::read_file(file);
    if (!text) return fail_values(console, config::Problems{{text.error()}});
    sources.push_back({std::move(text).value(), file});
  }
  Settings settings;
  settings.blobs.secret_key = secret_elsewhere();
  config::Registry registry;
  declare(registry, settings);
  auto input = manifests::read_input(name, sources, binary_facts(), registry);
  if (!input) return fail_values(console, input.error());
  return std::move(input).value();
}

std::string values_reference() {
  manifests::Values values;
  config::Registry registry;
  declare(registry, values, binary_facts());
  // What stands above the first empty line is about respring.yaml.
  const std::string text = config::render_defaults(registry);
  return "# Every value of `respring manifests` with its default. Read, later wins: base, the\n"
         "# environment (--env), --values FILE. Below `config:` stand settings of "
         "respring.yaml.\n" +
         text.substr(text.find("\n\n") + 1);
}

}  // namespace respring::cmd
