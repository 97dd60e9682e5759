#pragma once

#include <memory>

#include "chat/ports/pub_sub.h"

namespace respring::local {

/// Pub/sub within this process. Handlers run on the publisher's thread, outside of any lock, in the
/// order of their subscriptions; a handler may end its own subscription, and publish. Ending one
/// from elsewhere waits until its running calls have returned.
std::unique_ptr<chat::PubSub> make_pub_sub();

}  // namespace respring::local
