#pragma once

#include <fstream>

#include "config/load.h"

namespace respring::config {

/// Settings of every type, as a module would declare them.
struct Shard {
  std::string name;
  std::string dsn;
  Secret<std::string> password;
};
struct Sample {
  Endpoint listen{"127.0.0.1", 8080};
  std::filesystem::path data_dir = "./data";
  std::vector<std::string> origins;
  int threads = 0;
  bool single_session = false;
  Rate sends = Rate::per_second(20, 60);
  Limit connections{20};
  std::chrono::milliseconds header_timeout{10'000};
  Bytes queue{1 << 20};
  std::string level = "info";
  std::vector<Shard> shards = {{"shard-0", "sqlite:shard-0.db", {}},
                               {"shard-1", "sqlite:shard-1.db", {}}};
};

inline void declare_shard(Registry& registry, Shard& shard) {
  registry.add("name", &shard.name, "Name of the shard.");
  registry.add("dsn", &shard.dsn, "Where it is.",
               {.check = [](std::string_view text) -> std::optional<std::string> {
                 if (text.starts_with("sqlite:")) return std::nullopt;
                 return "is not in this version; use sqlite:FILE";
               }});
  registry.add_secret("password", &shard.password, "Its password.");
}

inline void declare(Registry& registry, Sample& s) {
  registry.add("listen", &s.listen, "Public address.");
  registry.add("data_dir", &s.data_dir, "Where data is kept.");
  registry.add("allowed_origins", &s.origins, "Origins of browsers.", {.reloadable = true});
  registry.add("io_threads", &s.threads, "Event loops.", {.min = 0, .max = 256});
  registry.add("auth.single_session", &s.single_session, "One login per person.");
  registry.add("limits.sends_per_user", &s.sends, "Messages of one user.", {.reloadable = true});
  registry.add("limits.connections_per_user", &s.connections, "Sockets.", {.min = 1});
  registry.add("http.header_timeout", &s.header_timeout, "Time for a head.",
               {.min = 100, .max = 60'000});
  registry.add("websocket.queue", &s.queue, "Bytes of a slow reader.", {.min = 1024});
  registry.add("log.level", &s.level, "Least level.",
               {.reloadable = true, .choices = {"debug", "info", "warn"}});
  registry.add_list("stores.shards", &s.shards, "Shards of messages.", declare_shard);
  registry.require([&s]() -> std::optional<Registry::Blame> {
    if (s.shards.empty()) return Registry::Blame{"stores.shards", "needs one entry at least"};
    return std::nullopt;
  });
}

/// A file that is gone when the test ends.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, const std::string& name = "respring-test") {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            (name + "-" + std::to_string(getpid()) + "-" + std::to_string(++count));
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Loads into a fresh Sample.
struct Outcome {
  Sample sample;
  std::optional<Loaded> loaded;
  std::string problems;
};
inline void load_into(Outcome& out, const Sources& sources) {
  Registry registry;
  declare(registry, out.sample);
  auto result = load(registry, sources);
  if (result) {
    out.loaded = std::move(result).value();
  } else {
    out.problems = result.error().text();
  }
}
inline void load_text(Outcome& out, const std::string& yaml, Environment environment = {}) {
  const TemporaryFile file(yaml);
  load_into(out, {.file = file.path(), .flags = {}, .environment = std::move(environment)});
  // The path differs from run to run; the rest of a message should not.
  for (auto at = out.problems.find(file.path()); at != std::string::npos;
       at = out.problems.find(file.path())) {
    out.problems.replace(at, file.path().size(), "FILE");
  }
}

}  // namespace respring::config
