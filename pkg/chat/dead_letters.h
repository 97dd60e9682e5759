#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/ports/event_bus.h"

/// Events that a group could not handle however often it tried. They lie in a topic of their own,
/// `<topic>.dlq`, so that those behind them go on; an operator looks at them and has them handled
/// again. On any event bus. Blocks.
namespace respring::chat {

std::string dead_letters_topic(std::string_view topic);

/// A record, who could not handle it, and why. Its topic, partition and offset are those it had.
struct DeadLetter {
  BusRecord record;
  std::string group;
  std::string reason;
};

/// What to publish to dead_letters_topic(record.topic).
BusRecord buried(const DeadLetter& letter);
/// The reverse; a record that is no dead letter is its own, of no group.
DeadLetter dug_up(const BusRecord& record);

/// Those that have not been retried, oldest first, at most `max`.
Result<std::vector<DeadLetter>> list_dead_letters(EventBus& bus, std::string_view topic,
                                                  std::size_t max);
/// Hands the oldest `max` to their groups again, behind what is in the topic now, and forgets them.
/// How many; after an error some may be handed over twice.
Result<std::size_t> retry_dead_letters(EventBus& bus, std::string_view topic, std::size_t max);

/// A record that was retried concerns the group that failed, not the others.
bool concerns(const BusRecord& record, std::string_view group);

}  // namespace respring::chat
