#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace respring::doctor {

struct DirectoryFacts {
  std::string path;
  bool exists = false;
  bool writable = false;
  bool others_may_read = false;
  bool served = false;  ///< a server holds the lock
  std::int64_t free_bytes = 0;
  std::int64_t total_bytes = 0;
};

struct DatabaseFacts {
  std::string name;
  std::string file;
  bool used = true;
  bool exists = false;
  std::int64_t bytes = 0;
  std::string error;                     ///< why it could not be opened or read
  std::string schema;                    ///< `current`, `behind`, `newer`, `changed`
  std::vector<std::string> differences;  ///< of the schema from its migrations
  bool checked = false;                  ///< its pages were read
  std::vector<std::string> damage;
};

struct ShardFacts {
  std::string name;
  std::int64_t rooms = 0;
  std::int64_t slots = 0;                ///< rows of slot_owner
  std::vector<std::string> slot_faults;  ///< disagreements with the map, the first few
  std::int64_t slot_fault_count = 0;
  std::int64_t rooms_checked = 0;
  std::vector<std::string> log_faults;  ///< rooms whose log is not dense, the first few
  std::int64_t log_fault_count = 0;
  std::int64_t outbox_rows = 0;
  std::optional<Time> outbox_oldest;
  std::optional<Time> newest;  ///< the newest time any room carries
};

struct GroupFacts {
  std::string group;
  std::int64_t behind = 0;
};

struct IndexFacts {
  bool exists = false;
  std::int64_t documents = 0;
  std::int64_t rooms_compared = 0;
  std::int64_t differences = 0;
  std::string first_difference;
};

struct MachineFacts {
  Time now{};
  std::int64_t descriptors = 0;  ///< most a process started here may open
  std::int64_t connections_wanted = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t password_threads = 0;
  std::int64_t password_bytes = 0;  ///< memory of one hash
  std::int64_t password_ms = 0;     ///< time of one hash here; 0: not measured
};

struct ConfigFacts {
  std::string listen;
  bool public_listener = false;  ///< others than this machine can reach it
  bool public_admin = false;
  bool has_public_url = false;
  std::vector<std::string> limits_off;
};

/// Everything that is looked at. What could not be is in `blind`, one sentence each.
struct Facts {
  DirectoryFacts directory;
  std::vector<DatabaseFacts> databases;
  std::vector<ShardFacts> shards;
  std::vector<GroupFacts> groups;
  IndexFacts index;
  MachineFacts machine;
  ConfigFacts config;
  std::vector<std::string> blind;
};

json::Value to_json(const Facts& facts);

}  // namespace respring::doctor
