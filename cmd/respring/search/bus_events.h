#pragma once

#include "kafka/reader.h"
#include "ops/reindex/events.h"

namespace respring::cmd {

/// The group of the servers' indexer.
inline constexpr std::string_view kIndexerGroup = "search-index";

/// The rooms' events on a cluster.
class BusEvents final : public reindex::Events {
 public:
  static Result<std::unique_ptr<BusEvents>> open(const kafka::Options& options);

  Result<reindex::Positions> end() override { return reader_->end(); }
  Result<reindex::Positions> indexed() override;
  Result<std::vector<chat::BusRecord>> read(reindex::Positions& from,
                                            const reindex::Positions& until,
                                            std::size_t most) override;

 private:
  explicit BusEvents(std::unique_ptr<kafka::Reader> reader) : reader_(std::move(reader)) {}

  std::unique_ptr<kafka::Reader> reader_;
};

}  // namespace respring::cmd
