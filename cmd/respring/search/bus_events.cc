#include "respring/search/bus_events.h"

namespace respring::cmd {

Result<std::unique_ptr<BusEvents>> BusEvents::open(const kafka::Options& options) {
  RESPRING_TRY(auto reader, kafka::Reader::open(options, std::string(chat::kRoomEventsTopic)));
  return std::unique_ptr<BusEvents>(new BusEvents(std::move(reader)));
}

Result<reindex::Positions> BusEvents::indexed() {
  RESPRING_TRY(auto committed, reader_->committed(std::string(kIndexerGroup)));
  RESPRING_TRY(const auto oldest, reader_->oldest());
  for (std::size_t i = 0; i < committed.size(); ++i)
    committed[i] = std::max(committed[i], oldest.at(i));
  return committed;
}

Result<std::vector<chat::BusRecord>> BusEvents::read(reindex::Positions& from,
                                                     const reindex::Positions& until,
                                                     std::size_t most) {
  constexpr std::chrono::seconds kPatience{30};
  RESPRING_TRY(const auto oldest, reader_->oldest());
  for (std::size_t i = 0; i < from.size() && i < oldest.size(); ++i) {
    if (from[i] >= oldest[i] || from[i] >= until.at(i)) continue;
    return Error{ErrorCode::conflict,
                 "the event log does not keep what happened since; build a new index: "
                 "respring search reindex --fresh",
                 {},
                 {}};
  }
  return reader_->read(from, until, most, kPatience);
}

}  // namespace respring::cmd
