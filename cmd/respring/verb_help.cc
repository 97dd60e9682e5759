#include "config/nearest.h"
#include "respring/explanations.h"
#include "respring/help_text.h"

namespace respring::cmd {
namespace {

Exit explain_exits(Console& console) {
  json::Array data;
  Table table;
  for (const ExitMeaning& meaning : exit_meanings()) {
    const std::string text(console.korean() ? meaning.text.ko : meaning.text.en);
    data.push_back(json::Object{{"exit", static_cast<int>(meaning.exit)}, {"meaning", text}});
    table.rows.push_back({std::to_string(static_cast<int>(meaning.exit)), text});
  }
  console.print(json::Object{{"exit_codes", std::move(data)}}, table);
  return Exit::ok;
}

Exit explain_errors(Console& console) {
  json::Array data;
  Table table{{"code", "status", ""}, {}};
  for (const ErrorMeaning& meaning : error_meanings()) {
    const std::string text(console.korean() ? meaning.text.ko : meaning.text.en);
    const int status = http_status_of(meaning.code);
    data.push_back(json::Object{
        {"code", std::string(name_of(meaning.code))}, {"status", status}, {"meaning", text}});
    table.rows.push_back({std::string(name_of(meaning.code)), std::to_string(status), text});
  }
  console.print(json::Object{{"errors", std::move(data)}}, table);
  return Exit::ok;
}

Exit explain_error(Console& console, const ErrorMeaning& meaning) {
  const bool korean = console.korean();
  const std::string text(korean ? meaning.text.ko : meaning.text.en);
  const std::string advice(korean ? meaning.advice.ko : meaning.advice.en);
  const std::string name(name_of(meaning.code));
  const bool unknown = outcome_unknown(meaning.code);
  std::string human = name + " (HTTP " + std::to_string(http_status_of(meaning.code)) + ")\n  " +
                      text + "\n  " + advice + "\n";
  if (unknown) {
    human += korean ? "  저장되었는지 알 수 없습니다. 같은 cid로 다시 보내세요.\n"
                    : "  Whether it was stored is unknown: send it again with the same cid.\n";
  } else {
    human += korean ? "  아무것도 저장되지 않았습니다.\n" : "  Nothing was stored.\n";
  }
  console.print(json::Object{{"code", name},
                             {"status", http_status_of(meaning.code)},
                             {"meaning", text},
                             {"advice", advice},
                             {"outcome_unknown", unknown}},
                human);
  return Exit::ok;
}

Exit explain_command(Console& console, const std::string& name) {
  CommonWords words;
  const auto root = command_line(words);
  if (const Arguments* command = root->find(name)) {
    console.print_text(command_help(*command, console.common().language));
    return Exit::ok;
  }
  std::vector<std::string> known = {"errors", "exit-codes"};
  for (const Verb& verb : verbs()) known.emplace_back(verb.name);
  for (const ErrorMeaning& meaning : error_meanings()) known.emplace_back(name_of(meaning.code));
  const auto near = config::nearest(name, known);
  return console.fail(
      Exit::usage, "help.unknown",
      "nothing is known about '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
      "lists: respring --help, respring help errors, respring help exit-codes");
}

Exit explain(Console& console, const std::string& about) {
  if (about == "exit-codes") return explain_exits(console);
  if (about == "errors") return explain_errors(console);
  for (const ExitMeaning& meaning : exit_meanings()) {
    if (std::to_string(static_cast<int>(meaning.exit)) != about) continue;
    const std::string text(console.korean() ? meaning.text.ko : meaning.text.en);
    console.print(json::Object{{"exit", static_cast<int>(meaning.exit)}, {"meaning", text}},
                  about + ": " + text);
    return Exit::ok;
  }
  for (const ErrorMeaning& meaning : error_meanings()) {
    if (name_of(meaning.code) == about) return explain_error(console, meaning);
  }
  return explain_command(console, about);
}

}  // namespace

void make_help(Arguments& args) {
  auto about = std::make_shared<std::string>();
  args.argument("CODE", about.get(), "a command, an error code, an exit code, errors or exit-codes",
                false);
  args.example("respring help overloaded");
  args.example("respring help 78");
  args.run([about](Console& console) {
    if (!about->empty()) return explain(console, *about);
    CommonWords words;
    console.print_text(full_help(*command_line(words), console.common().language));
    return Exit::ok;
  });
}

}  // namespace respring::cmd
