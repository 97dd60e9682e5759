#include "services/room/follower.h"

#include "async/run.h"
#include "chat/codec.h"

namespace respring::room {
namespace {

Task<Result<void>> apply(chat::RoomDirectory& directory, const chat::Event& event) {
  if (const auto* created = std::get_if<chat::Created>(&event.body)) {
    std::vector<UserId> users;
    for (const chat::Founder& founder : created->members) users.push_back(founder.user);
    co_return co_await directory.put_in_lists(event.room, std::move(users), event.seq);
  }
  if (const auto* changed = std::get_if<chat::MemberChanged>(&event.body)) {
    if (!changed->role) {
      co_return co_await directory.take_from_list(event.room, changed->user, event.seq);
    }
    std::vector<UserId> users(1, changed->user);
    co_return co_await directory.put_in_lists(event.room, std::move(users), event.seq);
  }
  co_return success();
}

/// Most events are messages: they are passed over without being parsed.
bool concerns_members(std::string_view json) {
  const std::string_view head = json.substr(0, 200);
  return head.find(R"("kind":"created")") != std::string_view::npos ||
         head.find(R"("kind":"member")") != std::string_view::npos;
}

}  // namespace

Result<void> follow_memberships(const std::vector<chat::BusRecord>& records,
                                chat::RoomDirectory& directory, asio::any_io_executor executor) {
  for (const chat::BusRecord& record : records) {
    if (!concerns_members(record.value)) continue;
    RESPRING_TRY(const chat::Event event, chat::event_from_json(record.value));
    RESPRING_TRYV(async::block_on(executor, apply(directory, event)));
  }
  return success();
}

}  // namespace respring::room
