#pragma once

#include "respring/arguments.h"

namespace respring::cmd {

/// The headings of the help, in this order.
enum class Group : std::uint8_t { run, shards, data, deploy, observe, configure };

/// One line of the command table.
struct Verb {
  std::string_view name;
  Group group;
  Phrase summary;
  void (*make)(Arguments&);
};

/// Every command of this binary.
const std::vector<Verb>& verbs();

/// The common options as they were written.
struct CommonWords {
  std::string output = "table";
  bool json = false;
  bool quiet = false;
  std::string language;
  std::optional<std::string> config_file;
  std::vector<std::string> settings;
};

/// The whole command line: the table's verbs below `respring`, with the common options.
std::unique_ptr<Arguments> command_line(CommonWords& words);

void make_archive(Arguments& args);
void make_config(Arguments& args);
void make_bench(Arguments& args);
void make_completion(Arguments& args);
void make_doctor(Arguments& args);
void make_events(Arguments& args);
void make_help(Arguments& args);
void make_manifests(Arguments& args);
void make_migrate(Arguments& args);
void make_reindex(Arguments& args);
void make_room(Arguments& args);
void make_search(Arguments& args);
void make_serve(Arguments& args);
void make_shard(Arguments& args);
void make_token(Arguments& args);
void make_trace(Arguments& args);
void make_user(Arguments& args);
void make_version(Arguments& args);

}  // namespace respring::cmd
