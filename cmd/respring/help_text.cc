#include "respring/help_text.h"

#include <algorithm>
#include <array>

namespace respring::cmd {
namespace {

struct Heading {
  Group group;
  Phrase title;
};
constexpr std::array kHeadings = {
    Heading{Group::run, {"Run", "실행"}},         Heading{Group::shards, {"Shards", "샤드"}},
    Heading{Group::data, {"Data", "데이터"}},     Heading{Group::deploy, {"Deploy", "배포"}},
    Heading{Group::observe, {"Observe", "관찰"}}, Heading{Group::configure, {"Configure", "설정"}},
};

std::string say(Language language, const Phrase& phrase) {
  return std::string(language == Language::ko ? phrase.ko : phrase.en);
}

std::string indented(const Table& table) {
  std::string out;
  std::string text = render_table(table);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    out += "  " + text.substr(start, end - start + 1);
    start = end + 1;
  }
  return out;
}

std::string option_text(const Arguments::Parameter& parameter) {
  std::string name = parameter.name;
  if (const auto comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
  if (!name.starts_with("-") || !name.starts_with("--")) {
    // -o, --output stays in front; long ones alone are set under them
  } else {
    name = "    " + name;
  }
  return parameter.placeholder.empty() ? name : name + " " + parameter.placeholder;
}

Table options_table(const Arguments& command) {
  Table table;
  for (const auto& parameter : command.parameters()) {
    if (!parameter.positional) table.rows.push_back({option_text(parameter), parameter.doc});
  }
  return table;
}

std::string usage_line(const Arguments& command) {
  std::string out = command.path();
  if (!command.commands().empty()) out += " COMMAND";
  for (const auto& parameter : command.parameters()) {
    if (parameter.positional)
      out += parameter.required ? " " + parameter.name : " [" + parameter.name + "]";
  }
  return out + " [OPTIONS]\n";
}

const Arguments& root_of(const Arguments& command) {
  const Arguments* root = &command;
  while (root->parent() != nullptr) root = root->parent();
  return *root;
}

/// Whether this binary has the command, and the option where one is needed.
bool exists(const Arguments& root, std::string_view verb, std::string_view option) {
  const Arguments* command = root.find(verb);
  if (command == nullptr || option.empty()) return command != nullptr;
  return std::ranges::any_of(command->parameters(),
                             [option](const auto& p) { return p.name == option; });
}

}  // namespace

std::string short_help(Language language) {
  struct Start {
    std::string_view verb;
    std::string_view option;
    std::string_view line;
    Phrase what;
  };
  // The first three that this binary has.
  static constexpr std::array kStarts = {
      Start{"serve",
            "--demo",
            "respring serve --demo",
            {"start everything here, with sample rooms and people",
             "예시 대화방과 함께 바로 시작합니다"}},
      Start{"serve",
            "",
            "respring serve",
            {"start everything on this machine", "이 컴퓨터에서 바로 시작합니다"}},
      Start{"doctor",
            "",
            "respring doctor",
            {"check that all is well, and what to do if not",
             "상태를 점검하고 해결 방법을 알려 줍니다"}},
      Start{"config",
            "",
            "respring config explain",
            {"every setting, its value and where it comes from",
             "모든 설정과 그 출처를 보여 줍니다"}},
      Start{"help",
            "",
            "respring help overloaded",
            {"what an error code means", "오류 코드의 뜻을 설명합니다"}},
      Start{"completion",
            "",
            "respring completion bash",
            {"completion for your shell", "셸 자동 완성"}},
  };
  CommonWords words;
  const auto root = command_line(words);
  std::string_view last;
  Table table;
  for (const Start& start : kStarts) {
    if (table.rows.size() == 3 || start.verb == last) continue;
    if (!exists(*root, start.verb, start.option)) continue;
    last = start.verb;
    table.rows.push_back({std::string(start.line), say(language, start.what)});
  }
  return say(language, {"respring: a chat platform in one binary\n\n",
                        "respring: 실행 파일 하나로 된 채팅 플랫폼\n\n"}) +
         indented(table) + "\n" +
         say(language, {"All commands: respring --help\n", "전체 명령: respring --help\n"});
}

std::string full_help(const Arguments& root, Language language) {
  std::string out = say(language, {"respring: a chat platform in one binary\n\n",
                                   "respring: 실행 파일 하나로 된 채팅 플랫폼\n\n"});
  out += say(language, {"Usage: ", "사용법: "}) + "respring COMMAND [OPTIONS]\n";
  // One width for all groups, so that the summaries stand in one column.
  std::size_t widest = 0;
  for (const Verb& verb : verbs()) widest = std::max(widest, verb.name.size());
  for (const Heading& heading : kHeadings) {
    Table table;
    for (const Verb& verb : verbs()) {
      if (verb.group != heading.group) continue;
      std::string name(verb.name);
      name.append(widest - name.size(), ' ');
      table.rows.push_back({name, say(language, verb.summary)});
    }
    if (!table.rows.empty()) out += "\n" + say(language, heading.title) + "\n" + indented(table);
  }
  out += "\n" + say(language, {"Options of every command", "공통 옵션"}) + "\n" +
         indented(options_table(root));
  out += "\n" + say(language, {"More: respring COMMAND --help, respring help CODE\n",
                               "더 보기: respring COMMAND --help, respring help CODE\n"});
  return out;
}

std::string command_help(const Arguments& command, Language language) {
  if (command.parent() == nullptr) return full_help(command, language);
  std::string out = command.path() + ": " + say(language, command.summary()) + "\n\n";
  out += say(language, {"Usage: ", "사용법: "}) + usage_line(command);
  Table words;
  for (const auto& parameter : command.parameters()) {
    if (parameter.positional) words.rows.push_back({parameter.name, parameter.doc});
  }
  if (!words.rows.empty()) out += "\n" + indented(words);
  Table children;
  for (const auto& child : command.commands()) {
    children.rows.push_back({child->name(), say(language, child->summary())});
  }
  if (!children.rows.empty())
    out += "\n" + say(language, {"Commands", "명령"}) + "\n" + indented(children);
  const Table options = options_table(command);
  if (!options.rows.empty())
    out += "\n" + say(language, {"Options", "옵션"}) + "\n" + indented(options);
  if (!command.examples().empty()) {
    out += "\n" + say(language, {"Examples", "예"}) + "\n";
    for (const std::string& example : command.examples()) out += "  " + example + "\n";
  }
  out += "\n" + say(language, {"Options of every command", "공통 옵션"}) + "\n" +
         indented(options_table(root_of(command)));
  return out;
}

}  // namespace respring::cmd
