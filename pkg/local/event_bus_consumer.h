#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "local/event_bus.h"

namespace respring::local {

/// One reader of a group of EventBus; shares the partitions with the group's other members.
class EventBus::Consumer final : public chat::BusConsumer {
 public:
  Consumer(EventBus& bus, Topic& topic, std::string group,
           std::unique_ptr<sql::Connection> connection)
      : bus_(bus), topic_(topic), group_(std::move(group)), connection_(std::move(connection)) {}
  ~Consumer() override;

  Result<std::vector<chat::BusRecord>> poll(std::size_t max,
                                            std::chrono::milliseconds wait) override;
  Result<void> commit(const std::vector<chat::BusRecord>& done) override;

 private:
  struct Range {
    std::size_t part = 0;
    std::int64_t from = 0;
  };

  Group& group() { return topic_.groups.find(group_)->second; }
  void follow_members();
  std::vector<Range> unread();
  sql::Result<void> read(const Range& range, std::size_t max,
                         std::vector<chat::BusRecord>& records);

  EventBus& bus_;
  Topic& topic_;
  std::string group_;
  std::unique_ptr<sql::Connection> connection_;
  std::uint64_t generation_ = 0;
  std::vector<std::size_t> mine_;  ///< partitions
  Offsets positions_{};
  std::size_t turn_ = 0;  ///< so that a busy partition does not starve the others
};

using BusHeaders = std::vector<std::pair<std::string, std::string>>;
std::optional<std::string> text_of_headers(const BusHeaders& headers);
BusHeaders headers_in(std::string_view text);

}  // namespace respring::local
