#pragma once

#include <memory>

#include "chat/ports/pub_sub.h"
#include "redis/link.h"

namespace respring::redis {

/// Pub/sub through a server: one connection listens, another publishes. Handlers run on the
/// executor, in the order of the channel; one may end its own subscription, and publish; ending one
/// from elsewhere waits until its running calls have returned.
///
/// What this object publishes behind a subscribe() of its own reaches that subscription, as soon as
/// the server knows of it. After a loss all channels are subscribed again; what was published
/// meanwhile is not delivered. Nothing waits for the server: when too much is queued, or it is
/// away, a message is dropped (`respring_redis_dropped_total`).
class PubSub : public chat::PubSub {
 public:
  /// `degraded` while one of the connections is not there.
  virtual health::Status status() const = 0;
};

std::unique_ptr<PubSub> make_pub_sub(Options options);

}  // namespace respring::redis
