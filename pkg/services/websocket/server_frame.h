#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "chat/commands.h"
#include "net/problem.h"

/// What the server says (docs: AsyncAPI): JSON texts of single frames. Pure.
namespace respring::websocket {

using Heads = std::vector<std::pair<RoomId, chat::Head>>;
using Ref = std::optional<std::string>;

std::string welcome_frame(const chat::Session& session, std::int64_t heartbeat_seconds,
                          std::string_view node);
std::string ready_frame(const Heads& heads, const std::vector<std::pair<RoomId, Seq>>& first);
/// What an acknowledged change was: it decides which members the ack has.
enum class Acked { send, change, reaction };
std::string ack_frame(const std::string& ref, RoomId room, const chat::Written& written,
                      Acked what);
std::string error_frame(const Ref& ref, const Error& error, net::Language language);
/// From the event's own JSON object.
std::string event_frame(std::string_view event_json);
std::string heads_frame(const Heads& heads);
std::string lag_frame(RoomId room, Seq head);
std::string limited_frame(const chat::SyncLimited& item);
std::string reset_frame(const chat::SyncReset& item);
std::string gone_frame(std::string_view room);
std::string synced_frame(const std::string& ref, const Heads& heads);
std::string pong_frame(const std::string& ref);
std::string reconnect_frame(std::int64_t after_ms);
std::string typing_frame(RoomId room, UserId user);
std::string presence_frame(UserId user, bool online);

}  // namespace respring::websocket
