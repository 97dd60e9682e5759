#include "chat/ports/room_log.h"

#include "async/completion.h"

namespace respring::chat {

Task<Result<Written>> RoomLog::write(Write write) {
  auto start = [this, &write](Done done) { submit(std::move(write), std::move(done)); };
  co_return co_await async::wait_for<Result<Written>>(std::move(start));
}

}  // namespace respring::chat
