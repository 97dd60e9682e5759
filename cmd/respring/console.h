#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "respring/exit_code.h"

namespace respring::cmd {

enum class Output : std::uint8_t { table, json, yaml };
enum class Language : std::uint8_t { en, ko };

inline constexpr int kSchemaVersion = 1;

/// What every command takes: output, language, configuration.
struct Common {
  Output output = Output::table;
  Language language = Language::en;
  bool quiet = false;
  std::optional<std::string> config_file;
  std::vector<std::pair<std::string, std::string>> settings;  ///< --set KEY=VALUE
};

/// Rows for people. Cells are aligned by what a terminal shows: 한 takes two columns.
struct Table {
  std::vector<std::string> head;  ///< may be empty
  std::vector<std::vector<std::string>> rows;
};

/// How a command speaks: data on stdout, everything else on stderr.
class Console {
 public:
  /// The process's own streams; borrowed ones in tests. `terminal` says that stderr is one.
  Console(Common common, std::ostream& out, std::ostream& err, bool out_terminal,
          bool err_terminal);

  const Common& common() const { return common_; }
  bool korean() const { return common_.language == Language::ko; }
  bool interactive() const { return err_terminal_; }
  /// Colour codes only on a terminal and without NO_COLOR.
  bool colour() const { return colour_; }

  /// A command's result: `human` with -o table, else `data` (an object) with `schema_version` in
  /// front of it.
  void print(const json::Value& data, std::string_view human);
  void print(const json::Value& data, const Table& human);
  /// Text that is the data itself, whatever -o says: a script, a YAML file.
  void print_text(std::string_view text);

  /// A line for the person; silent with --quiet.
  void note(std::string_view line);
  /// Says what is wrong and returns `exit`. `code` is stable (`config.invalid`); `hint`, if any,
  /// is what to do, best as a command.
  Exit fail(Exit exit, std::string_view code, std::string_view message, std::string_view hint = {});
  /// The same for an error of the API's kind.
  Exit fail(const Error& error);
  /// The same with the details of a JSON answer.
  Exit fail(Exit exit, std::string_view code, std::string_view message, std::string_view hint,
            json::Array details);

 private:
  void print_structured(const json::Value& data);

  Common common_;
  std::ostream& out_;
  std::ostream& err_;
  bool err_terminal_;
  bool colour_;
};

/// Columns that a terminal gives this text (East Asian wide characters and emoji take two).
std::size_t display_width(std::string_view text);
/// The table as lines, two spaces between columns, the last one not padded.
std::string render_table(const Table& table);

}  // namespace respring::cmd
