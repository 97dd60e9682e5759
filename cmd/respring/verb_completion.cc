#include <sstream>

#include "respring/verbs.h"

namespace respring::cmd {
namespace {

/// Every command below `command`, itself included, with the words typed to reach it (" config
/// check").
struct Reached {
  std::string words;
  const Arguments* command;
};
void collect(const Arguments& command, const std::string& words, std::vector<Reached>& out) {
  out.push_back({words, &command});
  for (const auto& child : command.commands()) collect(*child, words + " " + child->name(), out);
}

std::vector<std::string> long_names(const Arguments& command) {
  std::vector<std::string> names;
  for (const auto& parameter : command.parameters()) {
    if (parameter.positional) continue;
    std::istringstream in(parameter.name);
    for (std::string name; std::getline(in, name, ',');) {
      if (name.starts_with("--")) names.push_back(name);
    }
  }
  return names;
}

/// What may follow: commands, options, common options.
std::string candidates(const Arguments& root, const Arguments& command) {
  std::string out;
  for (const auto& child : command.commands()) out += child->name() + " ";
  if (&command != &root) {
    for (const std::string& name : long_names(command)) out += name + " ";
  }
  for (const std::string& name : long_names(root)) out += name + " ";
  return out + "--help";
}

/// The part that bash and zsh have in common: from the words typed so far to the candidates.
std::string shell_cases(const Arguments& root) {
  std::vector<Reached> all;
  collect(root, "", all);
  std::string known;
  std::string cases;
  for (const Reached& r : all) {
    if (!r.words.empty()) known += (known.empty() ? "" : "|") + ("\"" + r.words + "\"");
    cases += "    \"" + r.words + "\") candidates=\"" + candidates(root, *r.command) + "\" ;;\n";
  }
  return "    case \"$reached $word\" in\n      " + known +
         ") reached=\"$reached $word\" ;;\n    esac\n  done\n"
         "  case \"$reached\" in\n" +
         cases + "  esac\n";
}

std::string bash_script(const Arguments& root) {
  return "# respring completion bash > /etc/bash_completion.d/respring\n"
         "_respring() {\n"
         "  local reached=\"\" candidates=\"\" word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n" +
         shell_cases(root) +
         "  COMPREPLY=($(compgen -W \"$candidates\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _respring respring\n";
}

std::string zsh_script(const Arguments& root) {
  return "#compdef respring\n"
         "# respring completion zsh > \"${fpath[1]}/_respring\"\n"
         "_respring() {\n"
         "  local reached=\"\" candidates=\"\" word\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n" +
         shell_cases(root) +
         "  compadd -- ${=candidates} || _files\n"
         "}\n"
         // In a folder of fpath the first Tab runs this file as the function; sourced, it
         // registers.
         "if [[ $funcstack[1] == _respring ]]; then _respring \"$@\"; else compdef _respring "
         "respring; fi\n";
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "\\'" : std::string(1, c);
  return out + "'";
}

std::string fish_script(const Arguments& root) {
  std::string out = "# respring completion fish > ~/.config/fish/completions/respring.fish\n";
  const auto add_options = [&out](const Arguments& command, const std::string& condition) {
    for (const auto& parameter : command.parameters()) {
      if (parameter.positional) continue;
      const auto dashes = parameter.name.find("--");
      if (dashes == std::string::npos) continue;
      out += "complete -c respring" + condition + " -l " + parameter.name.substr(dashes + 2);
      if (!parameter.placeholder.empty()) out += " -r";
      out += " -d " + quoted(parameter.doc) + "\n";
    }
  };
  add_options(root, "");
  for (const auto& verb : root.commands()) {
    out += "complete -c respring -n __fish_use_subcommand -f -a " + verb->name() + " -d " +
           quoted(verb->summary().en) + "\n";
    const std::string seen = " -n '__fish_seen_subcommand_from " + verb->name() + "'";
    add_options(*verb, seen);
    for (const auto& child : verb->commands()) {
      out += "complete -c respring" + seen + " -f -a " + child->name() + " -d " +
             quoted(child->summary().en) + "\n";
    }
  }
  return out;
}

void make_shell(Arguments& args, std::string name, std::string (*script)(const Arguments&)) {
  const std::string hint = name;
  args.command(std::move(name), {"print the script", "스크립트를 출력합니다"})
      .run([script](Console& console) {
        CommonWords words;
        console.print_text(script(*command_line(words)));
        return Exit::ok;
      });
  args.example("respring completion " + hint);
}

}  // namespace

void make_completion(Arguments& args) {
  make_shell(args, "bash", bash_script);
  make_shell(args, "zsh", zsh_script);
  make_shell(args, "fish", fish_script);
}

}  // namespace respring::cmd
