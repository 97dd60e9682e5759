#pragma once

#include <memory>
#include <string>

#include "mysql/connection.h"

namespace respring::mysql {

/// An empty database beside another one on the same server, dropped with this: to make a fresh
/// schema in and compare. The user must be allowed to create databases.
class Scratch {
 public:
  static sql::Result<std::unique_ptr<Scratch>> make(Options beside);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  sql::Connection& connection() { return *connection_; }

 private:
  Scratch(std::unique_ptr<sql::Connection> connection, std::string name)
      : connection_(std::move(connection)), name_(std::move(name)) {}

  std::unique_ptr<sql::Connection> connection_;
  std::string name_;
};

}  // namespace respring::mysql
