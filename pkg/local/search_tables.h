#pragma once

#include <string>
#include <vector>

#include "chat/ports/search_index.h"
#include "sql/connection.h"

/// The SQL of the local search index; search_index.h is what others use.
namespace respring::local::search_tables {

/// All of the documents in one transaction.
Result<void> write(sql::Connection& connection, const std::vector<chat::SearchDocument>& documents);

Result<std::int64_t> count(sql::Connection& connection, RoomId room);
Result<void> clear(sql::Connection& connection, RoomId room);

/// A document that has the terms of a query.
struct Candidate {
  RoomId room;
  Seq seq = 0;
  UserId sender;
  Time created_at{};
  std::string text;
};

/// Candidates of a query, newest first. Rooms and sender narrow them down, but are to be checked
/// again. Uses the connection until it is destroyed.
class Candidates {
 public:
  static Result<Candidates> find(sql::Connection& connection, const chat::SearchQuery& query,
                                 const std::string& expression);
  /// Nothing when there are no more.
  Result<std::optional<Candidate>> next();

 private:
  explicit Candidates(sql::Rows rows) : rows_(std::move(rows)) {}
  sql::Rows rows_;
};

}  // namespace respring::local::search_tables
