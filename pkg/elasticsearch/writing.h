#pragma once

#include <atomic>
#include <vector>

#include "chat/ports/search_index.h"
#include "elasticsearch/bulk.h"
#include "elasticsearch/client.h"
#include "elasticsearch/loop.h"

namespace respring::elasticsearch {

/// Sends documents in bulks. What the engine was too busy for is sent again, in smaller bulks and
/// after a growing pause, until the deadline; that does no harm, for versions decide what stays.
class Writing {
 public:
  Writing(Client& client, const Options& options, const Loop& loop);

  /// All of them are stored when it returns success. `internal` names a document that was refused
  /// for good: the others are stored nevertheless.
  Task<Result<void>> write(const std::vector<chat::SearchDocument>& documents, Deadline deadline);

 private:
  /// Sends the first of `pending` and removes from it what need not be sent again.
  Task<Result<void>> send_some(Documents& pending, std::string& refused, bool& busy,
                               Deadline deadline);
  Task<Result<void>> pause(int attempt, Deadline deadline);
  void smaller();
  void larger();

  Client& client_;
  const Options& options_;
  const Loop& loop_;
  std::atomic<std::size_t> size_;  ///< documents of the next bulk
};

}  // namespace respring::elasticsearch
