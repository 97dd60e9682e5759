#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chat/ports/event_bus.h"
#include "kafka/handle.h"

namespace respring::kafka {

/// A member of a group. Partitions come and go while poll() runs, never between: whoever commits
/// before he polls again has nothing under way when his partitions go. What one poll() had read of
/// a partition that goes is dropped. A partition that stays goes on where it was.
class Consumer final : public chat::BusConsumer, private Hooks {
 public:
  static Result<std::unique_ptr<Consumer>> open(const Options& options, const std::string& group,
                                                const std::string& topic);
  ~Consumer() override;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  Result<std::vector<chat::BusRecord>> poll(std::size_t max,
                                            std::chrono::milliseconds wait) override;
  /// Of partitions that have gone to others nothing is committed, and that is no error: these read
  /// the records again.
  Result<void> commit(const std::vector<chat::BusRecord>& done) override;
  /// Whether the group has given this member its part, be it nothing, and how many partitions.
  std::optional<std::size_t> assigned() const;

 private:
  using Offsets = std::map<int, std::int64_t>;

  explicit Consumer(const Options& options) : options_(options) {}
  void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                    rd_kafka_topic_partition_list_t* partitions) override;
  void begin_with(rd_kafka_topic_partition_list_t& partitions);
  void let_go();
  void take(const rd_kafka_message_t& message);

  const Options options_;
  ClientPtr client_;
  std::string topic_;
  bool has_part_ = false;
  std::set<int> mine_;
  Offsets positions_;                     ///< behind what was handed out
  Offsets committed_;                     ///< by this member, since it has the partition
  std::vector<chat::BusRecord> reading_;  ///< by the poll() that runs
  std::optional<Error> failure_;
};

/// A consumer that joins no group and commits nothing: it reads what assign() names. `hooks` must
/// outlive it.
Result<ClientPtr> open_unattended(const Options& options, const std::string& name, Hooks& hooks);
/// Lets it read a topic (without the prefix) from these places on, one for each partition; at -1
/// nothing of that partition.
Result<void> assign(rd_kafka_t* client, const std::string& topic,
                    const std::vector<std::int64_t>& places, const Options& options);

/// A message as a record; `topic` without the prefix.
chat::BusRecord record_of(const rd_kafka_message_t& message, const std::string& topic);

}  // namespace respring::kafka
