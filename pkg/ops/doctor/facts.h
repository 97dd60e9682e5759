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
  bool on_server = false;  ///< and not in a file
  std::int64_t bytes = 0;
  bool closed = false;                   ///< this user may not read the file
  std::string error;                     ///< why it could not be opened or read
  std::optional<std::int64_t> clock_ms;  ///< a server's clock ahead of this machine's
  std::string schema;                    ///< `current`, `behind`, `newer`, `changed`
  std::vector<std::string> differences;  ///< of the schema from its migrations
  std::string not_compared;              ///< why it is not known whether it differs
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

/// A server that is no database: Kafka, Redis, a search engine, the blob store.
struct ServerFacts {
  std::string name;                      ///< `kafka`, `redis pubsub`, `search`, `blobs`
  std::string where;                     ///< without a password
  std::string error;                     ///< why it cannot be used
  std::vector<std::string> missing;      ///< topics
  std::vector<std::string> differing;    ///< topics that are not as they should be, and how
  std::int64_t dead_letters = 0;         ///< events that nobody could handle
  std::optional<std::int64_t> clock_ms;  ///< its clock ahead of this machine's
};

struct IndexFacts {
  bool exists = false;
  bool on_engine = false;
  std::string unfinished;             ///< a generation that is being built
  std::vector<std::string> outdated;  ///< generations that are kept no longer
  std::int64_t documents = 0;
  std::int64_t rooms_compared = 0;
  std::int64_t differences = 0;
  std::string first_difference;
};

/// A slot on its way from one shard to another, not decided yet.
struct MoveFacts {
  std::string id;
  std::int32_t slot = 0;
  std::string source;
  std::string target;
  std::string stage;
  Time lease_until{};  ///< before that somebody works on it
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

/// Whether servers should be at work: one holds the directory, or others share an event log.
struct Facts;
bool is_served(const Facts& facts);

/// Everything that is looked at. What could not be is in `blind`, one sentence each.
struct Facts {
  DirectoryFacts directory;
  std::vector<DatabaseFacts> databases;
  std::vector<ShardFacts> shards;
  std::vector<ServerFacts> servers;
  std::vector<GroupFacts> groups;
  std::vector<MoveFacts> moves;
  IndexFacts index;
  MachineFacts machine;
  ConfigFacts config;
  bool clustered = false;  ///< the event log is a cluster: servers may run elsewhere
  std::vector<std::string> blind;
};

json::Value to_json(const Facts& facts);

}  // namespace respring::doctor
