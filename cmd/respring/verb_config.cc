#include "config/nearest.h"
#include "config/redact.h"
#include "config/render.h"
#include "respring/configuration.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

std::string origin_name(config::Layer layer) {
  switch (layer) {
    case config::Layer::fallback:
      return "default";
    case config::Layer::file:
      return "file";
    case config::Layer::environment:
      return "environment";
    case config::Layer::flag:
      return "flag";
  }
  return {};
}

json::Object origin_json(const config::Origin& origin) {
  json::Object out = {{"layer", origin_name(origin.layer)}, {"text", origin.text()}};
  if (origin.line > 0) out.emplace_back("line", origin.line);
  return out;
}

json::Value value_json(const config::Effective& value) {
  json::Array shadowed;
  for (const auto& other : value.shadowed) {
    shadowed.push_back(json::Object{{"value", config::without_secrets(other.text)},
                                    {"origin", origin_json(other.origin)}});
  }
  return json::Object{{"key", value.key},
                      {"value", config::without_secrets(value.text)},
                      {"origin", origin_json(value.origin)},
                      {"overrides", std::move(shadowed)},
                      {"type", config::describe_type(*value.field)},
                      {"reloads", value.field->options.reloadable},
                      {"doc", value.field->doc}};
}

Exit check(Console& console) {
  Settings settings;
  const auto loaded = load_or_say(console, settings);
  if (!loaded) return loaded.error();
  json::Array changed;
  Table table{{"setting", "value", "from"}, {}};
  for (const config::Effective& value : loaded.value().values) {
    if (value.origin.layer == config::Layer::fallback) continue;
    changed.push_back(value_json(value));
    table.rows.push_back({value.key, config::without_secrets(value.text), value.origin.text()});
  }
  const std::string file = loaded.value().file.value_or("");
  std::string human = "ok: " + (file.empty() ? "no configuration file" : file) + ", " +
                      std::to_string(table.rows.size()) + " settings differ from their defaults\n";
  if (!table.rows.empty()) human += "\n" + render_table(table);
  console.print(json::Object{{"ok", true}, {"file", file}, {"changed", std::move(changed)}}, human);
  return Exit::ok;
}

Exit explain_all(Console& console, const config::Loaded& loaded) {
  json::Array all;
  Table table{{"setting", "value", "from"}, {}};
  for (const config::Effective& value : loaded.values) {
    all.push_back(value_json(value));
    table.rows.push_back({value.key, config::without_secrets(value.text), value.origin.text()});
  }
  console.print(json::Object{{"settings", std::move(all)}}, table);
  return Exit::ok;
}

Exit explain(Console& console, const std::string& key) {
  Settings settings;
  const auto loaded = load_or_say(console, settings);
  if (!loaded) return loaded.error();
  if (key.empty()) return explain_all(console, loaded.value());
  if (const config::Effective* value = loaded.value().find(key)) {
    console.print(value_json(*value), config::render_explanation(*value));
    return Exit::ok;
  }
  std::vector<std::string> keys;
  for (const config::Effective& value : loaded.value().values) keys.push_back(value.key);
  const auto near = config::nearest(key, keys);
  return console.fail(
      Exit::usage, "config.unknown_key",
      "there is no setting '" + key + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
      "all settings: respring config explain");
}

/// A command that prints what `render` makes of the declarations alone.
void generate(Arguments& args, std::string (*render)(const config::Registry&)) {
  args.run([render](Console& console) {
    Settings settings;
    config::Registry registry;
    declare(registry, settings);
    console.print_text(render(registry));
    return Exit::ok;
  });
}

}  // namespace

void make_config(Arguments& args) {
  args.command("check", {"read the configuration and say what is wrong",
                         "설정을 읽고 잘못된 곳을 알려 줍니다"})
      .run(check);

  Arguments& explaining =
      args.command("explain", {"a setting's value, where it comes from and what it may be",
                               "설정 값과 그 출처를 설명합니다"});
  auto key = std::make_shared<std::string>();
  explaining.argument("KEY", key.get(),
                      "e.g. limits.sends_per_user or stores.shards[0].dsn; all without it", false);
  explaining.example("respring config explain listen");
  explaining.example("RESPRING_LISTEN=:80 respring config explain listen --json");
  explaining.run([key](Console& console) { return explain(console, *key); });

  generate(args.command("defaults", {"a respring.yaml with every default",
                                     "기본값으로 된 respring.yaml을 출력합니다"}),
           config::render_defaults);
  generate(args.command(
               "env", {"every setting as an environment variable", "환경 변수 목록을 출력합니다"}),
           config::render_environment);
  generate(args.command("docs", {"the reference in Markdown", "설정 문서를 출력합니다"}),
           config::render_docs);
}

}  // namespace respring::cmd
