#include "respring/configuration.h"

namespace respring::cmd {

config::Sources sources_of(const Common& common) {
  config::Sources sources = config::Sources::of_process();
  sources.file = common.config_file;
  sources.flags = common.settings;
  return sources;
}

Exit fail_configuration(Console& console, const config::Problems& problems) {
  json::Array details;
  for (const config::Problem& problem : problems.all) {
    details.push_back(
        json::Object{{"where", problem.where}, {"key", problem.key}, {"why", problem.why}});
  }
  return console.fail(Exit::configuration, "config.invalid", problems.text(),
                      "all settings: respring config docs", std::move(details));
}

Result<config::Loaded, Exit> load_or_say(Console& console, Settings& settings) {
  auto loaded = load_settings(settings, sources_of(console.common()));
  if (!loaded) return fail_configuration(console, loaded.error());
  return std::move(loaded).value();
}

}  // namespace respring::cmd
