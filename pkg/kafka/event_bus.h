#pragma once

#include <memory>
#include <string>

#include "chat/ports/event_bus.h"
#include "kafka/options.h"
#include "telemetry/health.h"

namespace respring::kafka {

/// chat::EventBus on a cluster. Topics are not made by whoever uses them: a missing one is
/// `not_found` with the command that makes it (topics.h). A key's partition is the same as on the
/// local bus when the topic has 64 of them. Consumers may outlive it.
class EventBus : public chat::EventBus {
 public:
  /// Waiting publishes return with an error, later calls are refused. Idempotent.
  virtual void stop() = 0;
  /// `degraded` while no broker can be reached.
  virtual health::Status status() const = 0;
};

/// Asks nothing of the cluster yet: a cluster that is away shows in status() and in each call.
Result<std::unique_ptr<EventBus>> open_event_bus(Options options);

}  // namespace respring::kafka
