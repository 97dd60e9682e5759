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
/// Cursors, and each one's room as the client wrote it: a malformed one is answered as it came.
struct AskedCursors {
  std::vector<Cursor> cursors;
  std::vector<std::string> rooms;
};
/// `{room, epoch, seq}` items, at most kMaxSyncRooms, no room twice.
AskedCursors read_cursors(json::Fields& fields, std::string_view name, bool required);
/// Refuses what is neither an empty body nor `{}`.
Result<void> read_nothing(std::string_view body);

}  // namespace respring::chat
