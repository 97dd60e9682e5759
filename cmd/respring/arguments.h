#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "respring/console.h"

namespace CLI {
class App;
}

namespace respring::cmd {

/// A sentence in both languages of the command line.
struct Phrase {
  std::string_view en;
  std::string_view ko;
};

/// What one command takes. Declared once; parsing, help and shell completion derive from it. The
/// targets must outlive the command: keep them in a struct that the run function holds by
/// shared_ptr.
class Arguments {
 public:
  /// `name` is "--role" or "-r,--role"; `placeholder` stands in the help, e.g. FILE.
  void flag(const std::string& name, bool* target, std::string doc);
  void option(const std::string& name, std::string* target, std::string placeholder,
              std::string doc);
  void option(const std::string& name, std::optional<std::string>* target, std::string placeholder,
              std::string doc);
  void option(const std::string& name, std::int64_t* target, std::string placeholder,
              std::string doc);
  void option(const std::string& name, double* target, std::string placeholder, std::string doc);
  /// May be given several times.
  void option(const std::string& name, std::vector<std::string>* target, std::string placeholder,
              std::string doc);
  /// One of `choices` and nothing else.
  void choice(const std::string& name, std::string* target, std::vector<std::string> choices,
              std::string doc);
  /// By position; NAME in the help, e.g. KEY.
  void argument(const std::string& name, std::string* target, std::string doc,
                bool required = true);

  /// A command below this one, e.g. `check` of `config`.
  Arguments& command(std::string name, Phrase summary);

  /// What the command does. A command with commands below it needs none.
  void run(std::function<Exit(Console&)> body) { body_ = std::move(body); }

  /// A line of the examples in the help.
  void example(std::string_view line);

  struct Parameter {
    std::string name;  ///< "-o,--output" or, by position, "KEY"
    std::string placeholder;
    std::string doc;
    std::vector<std::string> choices;
    bool positional = false;
    bool required = false;
  };
  const std::string& name() const { return name_; }
  const Phrase& summary() const { return summary_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<std::unique_ptr<Arguments>>& commands() const { return commands_; }
  const std::vector<std::string>& examples() const { return examples_; }
  const std::function<Exit(Console&)>& body() const { return body_; }
  const Arguments* parent() const { return parent_; }
  /// `respring config check`.
  std::string path() const;
  const Arguments* find(std::string_view command) const;

  Arguments(std::string name, Phrase summary, const Arguments* parent);
  ~Arguments();

  /// What came of a command line.
  struct Outcome {
    enum class Kind { run, help, wrong } kind = Kind::run;
    const Arguments* command = nullptr;  ///< the one meant, as far as it was understood
    std::string why;                     ///< of `wrong`
  };
  /// Of the root: understands the words after the program's name and fills the targets.
  Outcome parse(std::vector<std::string> words);

 private:
  template <class T>
  void add(const std::string& name, T* target, Parameter parameter);
  void adopt(CLI::App& app);

  std::string name_;
  Phrase summary_;
  const Arguments* parent_;
  std::vector<Parameter> parameters_;
  std::vector<std::function<void(CLI::App&)>> declarations_;
  std::vector<std::unique_ptr<Arguments>> commands_;
  std::vector<std::string> examples_;
  std::function<Exit(Console&)> body_;
};

}  // namespace respring::cmd
