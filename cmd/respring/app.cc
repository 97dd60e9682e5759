#include "respring/app.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "respring/help_text.h"
#include "telemetry/log.h"

namespace respring::cmd {
namespace {

Language language_of(const std::string& asked) {
  std::string name = asked;
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (!name.empty()) break;
    const char* value = std::getenv(variable);  // tidy: allow(getenv): the locale
    if (value != nullptr) name = value;
  }
  return name.starts_with("ko") ? Language::ko : Language::en;
}

/// Understands the common options; says in `why` what is wrong with them.
Common common_of(const CommonWords& words, std::string& why) {
  Common common;
  const std::string output = words.json ? "json" : words.output;
  if (output == "json") common.output = Output::json;
  if (output == "yaml") common.output = Output::yaml;
  common.language = language_of(words.language);
  common.quiet = words.quiet;
  common.config_file = words.config_file;
  for (const std::string& setting : words.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      why = "--set " + setting + ": write KEY=VALUE";
    } else {
      common.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
  }
  return common;
}

/// Whether a line that was not understood asked for JSON all the same.
bool asks_for_json(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--json" || word == "-ojson" || word == "--output=json") return true;
    const bool output = word == "-o" || word == "--output";
    if (output && i + 1 < words.size() && words[i + 1] == "json") return true;
  }
  return false;
}

Exit run_on(std::vector<std::string> words, std::ostream& out, std::ostream& err, bool out_terminal,
            bool err_terminal) {
  CommonWords common_words;
  const auto root = command_line(common_words);
  const bool nothing = words.empty();
  common_words.json = asks_for_json(words);
  Arguments::Outcome outcome = root->parse(std::move(words));
  std::string wrong_common;
  Console console(common_of(common_words, wrong_common), out, err, out_terminal, err_terminal);
  if (outcome.kind == Arguments::Outcome::Kind::run && !wrong_common.empty()) {
    outcome = {Arguments::Outcome::Kind::wrong, outcome.command, wrong_common};
  }
  const Language language = console.common().language;
  switch (outcome.kind) {
    case Arguments::Outcome::Kind::help:
      console.print_text(nothing ? short_help(language) : command_help(*outcome.command, language));
      return Exit::ok;
    case Arguments::Outcome::Kind::wrong:
      return console.fail(Exit::usage, "usage", outcome.why,
                          "see: " + outcome.command->path() + " --help");
    case Arguments::Outcome::Kind::run:
      return outcome.command->body()(console);
  }
  return Exit::failed;
}

}  // namespace

std::unique_ptr<Arguments> command_line(CommonWords& words) {
  auto root = std::make_unique<Arguments>("respring", Phrase{}, nullptr);
  root->choice("-o,--output", &words.output, {"table", "json", "yaml"}, "form of the answer");
  root->flag("--json", &words.json, "the same as -o json");
  root->flag("-q,--quiet", &words.quiet, "no progress and no remarks");
  root->choice("--lang", &words.language, {"ko", "en"}, "language, else from the locale");
  root->option("--config", &words.config_file, "FILE", "configuration file");
  root->option("--set", &words.settings, "KEY=VALUE", "a setting for this run; may be repeated");
  for (const Verb& verb : verbs()) {
    verb.make(root->command(std::string(verb.name), verb.summary));
  }
  return root;
}

Exit run(std::vector<std::string> words, std::ostream& out, std::ostream& err) {
  return run_on(std::move(words), out, err, false, false);
}

int main_of(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  log::set_level(log::Level::error);  // a command says itself what its user must know
  Exit exit = Exit::failed;
  try {
    exit = run_on({argv + 1, argv + argc}, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1,
                  isatty(STDERR_FILENO) == 1);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
  }
  std::cout.flush();
  if (!std::cout && exit == Exit::ok) {
    std::cerr << "error: the answer could not be written to stdout\n";
    exit = Exit::failed;
  }
  return static_cast<int>(exit);
}

}  // namespace respring::cmd
