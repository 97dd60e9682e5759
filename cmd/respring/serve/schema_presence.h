#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "sql/pool.h"

namespace respring::cmd {

/// Tells each database, again and again, up to which migration this program knows it: what older
/// programs use must not be taken away while one of them lives. Says good-bye at its end.
class SchemaPresence {
 public:
  struct Used {
    sql::Connect connect;
    std::string set;  ///< whose migrations it has
  };
  SchemaPresence(std::vector<Used> databases, std::string node, const Clock& clock);
  ~SchemaPresence();
  SchemaPresence(const SchemaPresence&) = delete;
  SchemaPresence& operator=(const SchemaPresence&) = delete;

 private:
  void run();

  std::vector<Used> databases_;
  std::string node_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace respring::cmd
