#include "respring/arguments.h"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "config/nearest.h"

namespace respring::cmd {
namespace {

/// "-o,--output" holds two names.
std::vector<std::string> names_of(const Arguments::Parameter& parameter) {
  std::vector<std::string> names;
  std::istringstream in(parameter.name);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

std::string guess(const std::string& word, const std::vector<std::string>& candidates) {
  const auto found = config::nearest(word, candidates);
  return found ? "; did you mean '" + *found + "'?" : "";
}

/// Why `word` is not understood after `command`.
std::string not_understood(const Arguments& command, const std::string& word) {
  std::vector<std::string> candidates;
  if (word.starts_with("-")) {
    const std::string name = word.substr(0, word.find('='));
    for (const Arguments* c = &command; c != nullptr; c = c->parent()) {
      for (const auto& parameter : c->parameters()) {
        if (parameter.positional) continue;
        for (auto& n : names_of(parameter)) candidates.push_back(std::move(n));
      }
    }
    return "unknown option '" + name + "'" + guess(name, candidates);
  }
  if (command.commands().empty()) return "'" + word + "' is one word too many";
  for (const auto& child : command.commands()) candidates.push_back(child->name());
  return "unknown command '" + word + "'" + guess(word, candidates);
}

/// The command that the parser came to.
const Arguments& reached(const Arguments& root, const CLI::App& app) {
  const Arguments* command = &root;
  const CLI::App* parsed = &app;
  while (!parsed->get_subcommands().empty()) {
    parsed = parsed->get_subcommands().front();
    const Arguments* next = command->find(parsed->get_name());
    if (next == nullptr) break;
    command = next;
  }
  return *command;
}

}  // namespace

Arguments::Arguments(std::string name, Phrase summary, const Arguments* parent)
    : name_(std::move(name)), summary_(summary), parent_(parent) {}
Arguments::~Arguments() = default;

std::string Arguments::path() const {
  return parent_ == nullptr ? name_ : parent_->path() + " " + name_;
}

const Arguments* Arguments::find(std::string_view command) const {
  for (const auto& child : commands_) {
    if (child->name() == command) return child.get();
  }
  return nullptr;
}

void Arguments::example(std::string_view line) { examples_.emplace_back(line); }

Arguments& Arguments::command(std::string name, Phrase summary) {
  return *commands_.emplace_back(std::make_unique<Arguments>(std::move(name), summary, this));
}

template <class T>
void Arguments::add(const std::string& name, T* target, Parameter parameter) {
  parameter.name = name;
  declarations_.push_back([name, target, parameter](CLI::App& app) {
    CLI::Option* option = app.add_option(name, *target);
    option->allow_extra_args(false);  // --set a=1 b is one value and a word
    if (parameter.required) option->required();
    if (!parameter.choices.empty()) option->check(CLI::IsMember(parameter.choices));
  });
  parameters_.push_back(std::move(parameter));
}

void Arguments::flag(const std::string& name, bool* target, std::string doc) {
  parameters_.push_back({name, "", std::move(doc), {}, false, false});
  declarations_.push_back([name, target](CLI::App& app) { app.add_flag(name, *target); });
}

void Arguments::option(const std::string& name, std::string* target, std::string placeholder,
                       std::string doc) {
  add(name, target, {"", std::move(placeholder), std::move(doc), {}, false, false});
}
void Arguments::option(const std::string& name, std::optional<std::string>* target,
                       std::string placeholder, std::string doc) {
  add(name, target, {"", std::move(placeholder), std::move(doc), {}, false, false});
}
void Arguments::option(const std::string& name, std::int64_t* target, std::string placeholder,
                       std::string doc) {
  add(name, target, {"", std::move(placeholder), std::move(doc), {}, false, false});
}
void Arguments::option(const std::string& name, double* target, std::string placeholder,
                       std::string doc) {
  add(name, target, {"", std::move(placeholder), std::move(doc), {}, false, false});
}
void Arguments::option(const std::string& name, std::vector<std::string>* target,
                       std::string placeholder, std::string doc) {
  add(name, target, {"", std::move(placeholder), std::move(doc), {}, false, false});
}
void Arguments::choice(const std::string& name, std::string* target,
                       std::vector<std::string> choices, std::string doc) {
  std::string placeholder;
  for (const std::string& c : choices) placeholder += (placeholder.empty() ? "" : "|") + c;
  add(name, target, {"", std::move(placeholder), std::move(doc), std::move(choices), false, false});
}

void Arguments::argument(const std::string& name, std::string* target, std::string doc,
                         bool required) {
  Parameter parameter{name, "", std::move(doc), {}, true, required};
  declarations_.push_back([name, target, required](CLI::App& app) {
    CLI::Option* option = app.add_option(name, *target);
    if (required) option->required();
  });
  parameters_.push_back(std::move(parameter));
}

void Arguments::adopt(CLI::App& app) {
  app.set_help_flag("-h,--help");
  // At most one command at each level: a later word is an argument even when it names a command.
  app.require_subcommand(0, 1);
  for (const auto& declare : declarations_) declare(app);
  for (const auto& child : commands_) {
    CLI::App* sub = app.add_subcommand(child->name());
    sub->fallthrough();  // the common options may stand anywhere
    child->adopt(*sub);
  }
}

Arguments::Outcome Arguments::parse(std::vector<std::string> words) {
  using enum Outcome::Kind;
  CLI::App app;
  app.name(name_);
  adopt(app);
  std::ranges::reverse(words);  // the library takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return {help, &reached(*this, app), {}};
  } catch (const CLI::ExtrasError&) {
    const Arguments& command = reached(*this, app);
    const std::vector<std::string> left = app.remaining(true);
    return {wrong, &command, not_understood(command, left.empty() ? "" : left.front())};
  } catch (const CLI::ParseError& error) {
    return {wrong, &reached(*this, app), error.what()};
  }
  const Arguments& command = reached(*this, app);
  if (!command.body()) {
    if (command.parent() == nullptr) return {help, &command, {}};
    return {wrong, &command, "say which: " + command.path() + " …"};
  }
  return {run, &command, {}};
}

}  // namespace respring::cmd
