#pragma once

#include <string>

#include "base/fields.h"
#include "chat/commands.h"

/// Reads the commands of the API from a request's fields, the same for HTTP bodies and WebSocket
/// frames. What is wrong is noted in `fields`; the caller ends with fields.done(), and uses the
/// result only if that succeeds.
namespace respring::chat {

/// `cid, text, reply_to?, attachments?, meta?`.
Send read_send(json::Fields& fields);
/// The `text` of an edit, in NFC and within its limits.
std::string read_message_text(json::Fields& fields);
/// `invalid_request` with field `emoji` for what is not exactly one emoji.
Result<std::string> checked_reaction(std::string_view emoji);
/// `{room, epoch, seq}` items, at most kMaxSyncRooms, no room twice.
std::vector<Cursor> read_cursors(json::Fields& fields, std::string_view name, bool required);

}  // namespace respring::chat
