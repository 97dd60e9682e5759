#include "services/user/leave.h"

#include "async/completion.h"

namespace respring::user {
namespace {

constexpr int kPage = 100;  ///< deletions in flight together, so that they share commits
constexpr std::chrono::seconds kPatience{10};

/// Collects the outcomes of writes that are under way together.
struct Gathered {
  std::mutex mutex;
  std::size_t missing = 0;
  Result<void> outcome = success();
  std::function<void(Result<void>)> deliver;

  void take(const Result<chat::Written>& written) {
    std::unique_lock lock(mutex);
    if (!written && written.error().code != ErrorCode::not_found) outcome = written.error();
    if (--missing > 0) return;
    lock.unlock();
    deliver(std::move(outcome));
  }
};

/// The first error, if any; what is not there any more is no error.
Task<Result<void>> write_all(chat::RoomLog& log, std::vector<chat::Write> writes) {
  if (writes.empty()) co_return success();
  auto gathered = std::make_shared<Gathered>();
  gathered->missing = writes.size();
  auto start = [&log, &writes, gathered](std::function<void(Result<void>)> deliver) {
    gathered->deliver = std::move(deliver);
    for (chat::Write& write : writes) {
      log.submit(std::move(write),
                 [gathered](Result<chat::Written> written) { gathered->take(written); });
    }
  };
  co_return co_await async::wait_for<Result<void>>(std::move(start));
}

Task<Result<void>> delete_messages(chat::RoomLog& log, UserId user, RoomId room,
                                   const std::string& trace) {
  Seq after = 0;
  while (true) {
    RESPRING_CO_TRY(const auto page, co_await log.messages_by(user, room, after, kPage));
    if (page.empty()) co_return success();
    after = page.back().seq;
    std::vector<chat::Write> writes;
    writes.reserve(page.size());
    for (const chat::Message& message : page)
      writes.push_back(write_now(room, user, chat::Delete{message.seq, true}, trace));
    RESPRING_CO_TRYV(co_await write_all(log, std::move(writes)));
  }
}

/// The room may have ended for him meanwhile.
Result<void> unless_gone(Result<void> outcome) {
  if (!outcome && outcome.error().code == ErrorCode::not_found) return success();
  return outcome;
}

}  // namespace

chat::Write write_now(RoomId room, UserId actor, chat::Command command, const std::string& trace) {
  return {room, actor, std::move(command), std::chrono::steady_clock::now() + kPatience, trace};
}

Task<Result<void>> leave_rooms(chat::RoomLog& log, UserId user, Messages messages,
                               const std::string& trace) {
  const bool remove = messages == Messages::remove;
  const auto which = remove ? chat::Memberships::ever : chat::Memberships::present;
  RESPRING_CO_TRY(const auto ids, co_await log.rooms_of(user, which));
  for (const RoomId id : ids) {
    if (remove) {
      RESPRING_CO_TRYV(unless_gone(co_await delete_messages(log, user, id, trace)));
    }
    RESPRING_CO_TRY(const auto views, co_await log.rooms(user, std::vector<RoomId>(1, id), false));
    if (views.empty()) continue;  // he has left it
    if (views.front().kind == chat::RoomKind::direct) continue;
    std::vector<chat::Write> leaving;
    leaving.push_back(write_now(id, user, chat::RemoveMember{user}, trace));
    RESPRING_CO_TRYV(co_await write_all(log, std::move(leaving)));
  }
  co_return success();
}

}  // namespace respring::user
