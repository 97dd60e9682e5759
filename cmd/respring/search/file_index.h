#pragma once

#include "ops/reindex/verify.h"
#include "respring/search/log_source.h"

namespace respring::cmd {

/// The embedded index's file to compare with. Borrows the connection.
class FileIndex final : public reindex::Indexed {
 public:
  explicit FileIndex(sql::Connection& index) : index_(index) {}
  Result<std::vector<std::int64_t>> counts(const std::vector<reindex::Room>& rooms) override;
  Result<std::vector<std::optional<Entry>>> find(
      const std::vector<chat::SearchHit>& messages) override;
  /// Of LogSource; it must outlive that.
  LogSource::IndexedRooms rooms();

 private:
  sql::Connection& index_;
};

}  // namespace respring::cmd
