#include "services/user/export.h"

#include "chat/codec.h"

namespace respring::user {
namespace {

constexpr int kPage = 100;

/// `{"type":"…",` and the members of the object.
void add_line(std::string& lines, std::string_view type, std::string_view object) {
  lines += R"({"type":")";
  lines += type;
  lines += "\",";
  lines += object.substr(1);
  lines += '\n';
}

}  // namespace

Task<Result<std::optional<std::string>>> Export::next() {
  while (stage_ != Stage::done) {
    std::string lines;
    switch (stage_) {
      case Stage::profile: {
        RESPRING_CO_TRY(lines, co_await profile());
        break;
      }
      case Stage::sessions: {
        RESPRING_CO_TRY(lines, co_await sessions());
        break;
      }
      case Stage::blocks: {
        RESPRING_CO_TRY(lines, co_await blocks());
        break;
      }
      case Stage::rooms: {
        RESPRING_CO_TRY(lines, co_await next_room());
        break;
      }
      case Stage::messages: {
        RESPRING_CO_TRY(lines, co_await messages());
        break;
      }
      case Stage::done:
        break;
    }
    if (!lines.empty()) co_return std::optional<std::string>(std::move(lines));
  }
  co_return std::optional<std::string>();
}

Task<Result<std::string>> Export::profile() {
  RESPRING_CO_TRY(const auto found, co_await users_.users(std::vector<UserId>(1, who_.user)));
  std::string lines;
  json::Writer w;
  if (!found.empty()) {
    chat::write_json(w, found.front(), true);
    add_line(lines, "user", w.text());
  }
  stage_ = Stage::sessions;
  co_return lines;
}

Task<Result<std::string>> Export::sessions() {
  RESPRING_CO_TRY(const auto page, co_await users_.sessions(who_.user, SessionId{after_}, kPage));
  std::string lines;
  for (const chat::Session& session : page) {
    json::Writer w;
    chat::write_json(w, session, who_.session);
    add_line(lines, "session", w.text());
    after_ = session.id.value;
  }
  if (page.empty()) {
    stage_ = Stage::blocks;
    after_ = 0;
  }
  co_return lines;
}

Task<Result<std::string>> Export::blocks() {
  RESPRING_CO_TRY(const auto page, co_await users_.blocks(who_.user, UserId{after_}, kPage));
  std::string lines;
  for (const chat::User& user : page) {
    add_line(lines, "block", R"({"user":")" + user.id.str() + "\"}");
    after_ = user.id.value;
  }
  if (page.empty()) {
    RESPRING_CO_TRY(const auto rooms, co_await log_.rooms_of(who_.user, chat::Memberships::ever));
    rooms_.assign(rooms.begin(), rooms.end());
    stage_ = Stage::rooms;
  }
  co_return lines;
}

Task<Result<std::string>> Export::next_room() {
  if (rooms_.empty()) {
    stage_ = Stage::done;
    co_return std::string();
  }
  room_ = rooms_.front();
  rooms_.pop_front();
  RESPRING_CO_TRY(const auto views,
                  co_await log_.rooms(who_.user, std::vector<RoomId>(1, room_), false));
  std::string lines;
  // Of a room he has left only what he wrote is his.
  if (!views.empty()) add_line(lines, "room", chat::to_json(views.front()));
  stage_ = Stage::messages;
  after_ = 0;
  co_return lines;
}

Task<Result<std::string>> Export::messages() {
  auto page = co_await log_.messages_by(who_.user, room_, after_, kPage);
  if (!page && page.error().code != ErrorCode::not_found) co_return page.error();
  std::string lines;
  if (!page || page.assume_value().empty()) {
    stage_ = Stage::rooms;
    co_return lines;
  }
  for (const chat::Message& message : page.assume_value()) {
    add_line(lines, "message", chat::to_json(message));
    after_ = message.seq;
  }
  co_return lines;
}

}  // namespace respring::user
