// `respring manifests …`: Kubernetes objects and systemd units from a page of values.
#include <iostream>
#include <set>

#include "respring/account_command.h"
#include "respring/manifests/environments.h"
#include "respring/manifests/facts.h"
#include "respring/manifests/line_diff.h"
#include "respring/manifests/output_dir.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using manifests::Files;
using manifests::Input;

struct RenderArguments {
  std::vector<std::string> environments;
  std::string target = "kubernetes";
  std::vector<std::string> values;
  std::optional<std::string> out;
  std::string directory;

  bool is_systemd() const { return target == "systemd"; }
};

Result<std::vector<Input>, Exit> load(Console& console, const RenderArguments& given) {
  if (given.environments.empty()) {
    return console.fail(Exit::usage, "manifests.environment", "--env is missing",
                        "environments: dev, staging, prod");
  }
  if (given.is_systemd() && given.environments.size() > 1) {
    return console.fail(
        Exit::usage, "manifests.environment",
        "a machine has one environment, not " + std::to_string(given.environments.size()),
        "give --env once, or --target kubernetes");
  }
  std::vector<Input> inputs;
  for (const std::string& name : given.environments) {
    if (name.empty()) return fail_unknown_environment(console, name);
    RESPRING_TRY(Input input, load_environment(console, name, given.values));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

/// With Kubernetes one tree: the base, and an overlay for each.
Result<Files, Exit> files_of(Console& console, const RenderArguments& given,
                             const std::vector<Input>& inputs) {
  if (given.is_systemd()) return manifests::systemd_files(inputs.front());
  RESPRING_TRY(const Input base, load_environment(console, "", {}));
  Files files;
  for (const Input& input : inputs) files.merge(manifests::kustomize_files(base, input));
  return files;
}

/// One stream: with systemd each file with its path above it.
std::string stream_of(const RenderArguments& given, const Input& input, const Files& files) {
  if (!given.is_systemd()) return manifests::stream_of(input);
  std::string out;
  for (const auto& [path, text] : files) out += "# /" + path + "\n" + text + "\n";
  return out;
}

void say_what_is_next(Console& console, const RenderArguments& given,
                      const std::vector<Input>& inputs) {
  if (given.is_systemd()) {
    console.note(
        "  Secrets are files of /etc/respring/secrets/NAME/; then: systemctl daemon-reload; "
        "systemctl enable --now respring.target (migrations and topics first, then the roles)");
    return;
  }
  console.note("  Secrets that must be there (FILE holds the secret and nothing else):");
  for (const Input& input : inputs) {
    for (const std::string& command : manifests::secrets_needed(input))
      console.note("    " + command);
  }
  std::string next = "  next: respring manifests check " + *given.out;
  for (const Input& input : inputs)
    next += "; kubectl apply -k " + *given.out + "/overlays/" + input.environment;
  console.note(next);
}

Exit write(Console& console, const RenderArguments& given, const std::vector<Input>& inputs,
           const Files& files) {
  std::set<std::string> holds;
  json::Array environments;
  for (const Input& input : inputs) {
    holds.insert(given.target + " " + input.environment);
    environments.emplace_back(input.environment);
  }
  const auto written = replace_folder(*given.out, files, holds);
  if (!written && written.error().code == ErrorCode::conflict) {
    return console.fail(Exit::refused, "manifests.directory", written.error().detail,
                        "name a new folder, or every environment of this one: --env may repeat");
  }
  if (!written) return fail_command(console, written.error());
  json::Array names;
  for (const auto& [path, text] : files) names.emplace_back(path);
  console.print(json::Object{{"environments", std::move(environments)},
                             {"directory", *given.out},
                             {"files", std::move(names)}},
                std::to_string(files.size()) + " files in " + *given.out + "\n");
  say_what_is_next(console, given, inputs);
  return Exit::ok;
}

Exit render(Console& console, const RenderArguments& given) {
  if (!given.out && given.environments.size() > 1) {
    return console.fail(Exit::usage, "manifests.environment", "one stream is of one environment",
                        "several are a tree: --out DIR");
  }
  RESPRING_TRY(const std::vector<Input> inputs, load(console, given));
  RESPRING_TRY(const Files files, files_of(console, given, inputs));
  if (given.out) return write(console, given, inputs, files);
  console.print_text(stream_of(given, inputs.front(), files));
  return Exit::ok;
}

Exit fail_reading(Console& console, const Error& error) {
  return console.fail(Exit::usage, "manifests.directory", error.detail);
}

Exit diff(Console& console, const RenderArguments& given) {
  RESPRING_TRY(const std::vector<Input> inputs, load(console, given));
  RESPRING_TRY(const Files wanted, files_of(console, given, inputs));
  const auto there = read_folder(given.directory);
  if (!there) return fail_reading(console, there.error());
  std::string human;
  json::Array data;
  const auto compare = [&](const std::string& path, const std::string& before,
                           const std::string& after, const char* state) {
    human += line_diff(before, after, path);
    data.emplace_back(json::Object{{"file", path}, {"state", state}});
  };
  for (const auto& [path, text] : there.value()) {
    const auto at = wanted.find(path);
    if (at == wanted.end()) {
      compare(path, text, "", "only there");
    } else if (at->second != text) {
      compare(path, text, at->second, "differs");
    }
  }
  for (const auto& [path, text] : wanted) {
    if (!there.value().contains(path)) compare(path, "", text, "missing there");
  }
  const std::size_t count = data.size();
  if (count == 0) human = "no differences: " + std::to_string(wanted.size()) + " files\n";
  console.print(json::Object{{"differences", std::move(data)}}, human);
  if (count == 0) return Exit::ok;
  console.note("  " + std::to_string(count) + " files differ; - is in " + given.directory +
               ", + is what would be rendered");
  return Exit::findings;
}

Exit check(Console& console, const std::string& path) {
  const auto files = read_folder(path);
  if (!files) return fail_reading(console, files.error());
  const auto composed = manifests::compose(files.value());
  if (!composed) return fail_reading(console, composed.error());
  json::Array data;
  Table table{{"environment", "rule", "object", ""}, {}};
  std::size_t objects = 0;
  for (const manifests::Composed& one : composed.value()) {
    objects += one.objects.size();
    for (const auto& f : manifests::check(one.objects, binary_facts(), binary_judges())) {
      data.emplace_back(json::Object{
          {"environment", one.name}, {"rule", f.rule}, {"object", f.object}, {"what", f.what}});
      table.rows.push_back({one.name, f.rule, f.object, f.what});
    }
  }
  const bool fine = data.empty();
  const std::string summary = std::to_string(objects) + " objects, " +
                              std::to_string(manifests::rules().size()) + " rules\n";
  console.print(json::Object{{"findings", std::move(data)}},
                fine ? "no findings: " + summary : render_table(table));
  return fine ? Exit::ok : Exit::findings;
}

Exit list_rules(Console& console) {
  json::Array data;
  Table table{{"rule", "what must hold"}, {}};
  for (const manifests::Rule& rule : manifests::rules()) {
    data.emplace_back(
        json::Object{{"rule", std::string(rule.name)}, {"says", std::string(rule.says)}});
    table.rows.push_back({std::string(rule.name), std::string(rule.says)});
  }
  console.print(json::Object{{"rules", std::move(data)}}, table);
  return Exit::ok;
}

void add_common(Arguments& args, RenderArguments& given) {
  args.option("--env", &given.environments, "ENV", "dev, staging or prod; may repeat for one tree");
  args.option("--values", &given.values, "FILE", "values on top of the environment's own");
  args.choice("--target", &given.target, {"kubernetes", "systemd"},
              "what runs the roles: a cluster, or one machine");
}

void add_render(Arguments& args) {
  auto given = std::make_shared<RenderArguments>();
  add_common(args, *given);
  args.option("--out", &given->out, "DIR", "write kustomize's folders there; else one stream");
  args.example("respring manifests render --env prod --values our.yaml --out deploy");
  args.example("respring manifests render --env dev --env staging --env prod --out deploy");
  args.example("respring manifests render --env dev | kubectl apply -f -");
  args.run([given](Console& console) { return render(console, *given); });
}

void add_diff(Arguments& args) {
  auto given = std::make_shared<RenderArguments>();
  add_common(args, *given);
  args.argument("DIR", &given->directory, "what an earlier render --out wrote");
  args.run([given](Console& console) { return diff(console, *given); });
}

void add_check(Arguments& args) {
  auto path = std::make_shared<std::string>();
  auto listed = std::make_shared<bool>(false);
  args.argument("DIR", path.get(), "a folder of render --out, or a folder or file of YAML", false);
  args.flag("--rules", listed.get(), "only list the rules");
  args.run([path, listed](Console& console) {
    if (*listed) return list_rules(console);
    if (path->empty()) return console.fail(Exit::usage, "manifests.directory", "DIR is missing");
    return check(console, *path);
  });
}

}  // namespace

void make_manifests(Arguments& args) {
  add_render(args.command(
      "render", {"write a cluster's objects, or a machine's units", "매니페스트를 만듭니다"}));
  add_diff(args.command("diff", {"compare a folder with what would be rendered",
                                 "만들어질 내용과 폴더를 비교합니다"}));
  add_check(args.command("check", {"hold manifests against the rules and this binary",
                                   "매니페스트를 규칙에 따라 검사합니다"}));
  args.command("values",
               {"every value, its default and what it means", "모든 값과 기본값을 설명합니다"})
      .run([](Console& console) {
        console.print_text(values_reference());
        return Exit::ok;
      });
}

}  // namespace respring::cmd
