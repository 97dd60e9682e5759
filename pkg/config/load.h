#pragma once

#include <map>

#include "config/registry.h"

namespace respring::config {

/// Where a value came from.
enum class Layer : std::uint8_t { fallback, file, environment, flag };
struct Origin {
  Layer layer = Layer::fallback;
  std::string name;  ///< path of the file, name of the variable, key of the flag
  int line = 0;      ///< of the file, from 1
  /// `default`, `./respring.yaml:12`, `env RESPRING_LISTEN`, `flag listen`.
  std::string text() const;
};

using Environment = std::map<std::string, std::string>;

/// What the layers are read from. Tests fill it in; commands use of_process().
struct Sources {
  std::optional<std::string> file;                         ///< --config; it must exist then
  std::vector<std::pair<std::string, std::string>> flags;  ///< key and text, later wins
  Environment environment;                                 ///< the variables RESPRING_…

  static Sources of_process();
};

/// One thing that is wrong, with the place: `./respring.yaml:3` and
/// "unknown setting 'listn'; the nearest is 'listen'".
struct Problem {
  std::string where;
  std::string key;
  std::string why;
};

/// Everything that is wrong, at once. Exit code 78.
struct Problems {
  std::vector<Problem> all;
  std::string text() const;  ///< one line each
};

/// What holds for one setting after loading.
struct Effective {
  std::string key;   ///< of a list's element: stores.shards.0.dsn
  std::string text;  ///< of a secret the path of its file, never its content
  Origin origin;
  struct Shadowed {
    Origin origin;
    std::string text;
  };
  std::vector<Shadowed> shadowed;  ///< what it overrides, strongest first
  const Field* field = nullptr;    ///< lives as long as the Loaded that holds it
};

struct Loaded {
  std::optional<std::string> file;             ///< the configuration file that was read, if any
  std::vector<Effective> values;               ///< in the order of declaration
  std::vector<std::shared_ptr<Field>> fields;  ///< what Effective::field points to

  /// By `a.b`, `a.0.b` or `a[0].b`.
  const Effective* find(std::string_view key) const;
};

/// Reads default < file < environment < flag into the structs bound to `registry`. The file is
/// `sources.file`, else $RESPRING_CONFIG, else ./respring.yaml, else /etc/respring/respring.yaml,
/// else none. An unknown key or variable and a value out of bounds are errors, also in a layer that
/// a stronger one overrides. On failure the bound structs are undefined.
Result<Loaded, Problems> load(Registry& registry, const Sources& sources);

/// The keys whose values differ, for a reload: those that take effect and those that would need a
/// restart.
struct Changes {
  std::vector<std::string> reloadable;
  std::vector<std::string> need_restart;
};
Changes changes(const Loaded& before, const Loaded& after);

/// RESPRING_LIMITS__SENDS_PER_USER of limits.sends_per_user.
std::string variable_of(std::string_view key);

}  // namespace respring::config
