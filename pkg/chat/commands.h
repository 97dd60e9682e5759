#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chat/types.h"

namespace respring::chat {

// What can be asked of a room's log. Texts are NFC and within the limits of chat/limits.h already.
struct Create {  ///< the actor is the creator; repeated with the same room id it changes nothing
  RoomKind kind = RoomKind::group;
  std::optional<std::string> title;
  std::vector<Founder> members;  ///< the actor included
};
struct Send {
  Uuid cid;
  std::string text;
  std::optional<Seq> reply_to;
  std::string attachments = "[]";   ///< JSON array, checked
  std::optional<std::string> meta;  ///< JSON object
};
struct Edit {
  Seq target = 0;
  std::string text;
};
struct Delete {
  Seq target = 0;
  /// Its author is being erased: he need not be in the room (any more), which may be closed.
  bool erasing = false;
};
struct React {
  Seq target = 0;
  std::string emoji;
  bool on = true;
};
struct Read {
  Seq seq = 0;
};
struct SetMember {
  UserId user;
  std::optional<Role> role;  ///< nothing: `member` for a new one, unchanged for a present one
  bool by_invite = false;    ///< the actor joins himself with an invitation
};
struct RemoveMember {
  UserId user;
};
struct Retitle {
  std::string title;
};
struct Close {};   ///< the room ends for everybody; its owner only
struct SetBlock {  ///< the actor blocks or unblocks the other member of a direct room; no event
  bool on = true;
};
using Command = std::variant<Create, Send, Edit, Delete, React, Read, SetMember, RemoveMember,
                             Retitle, Close, SetBlock>;

struct Write {
  RoomId room;
  UserId actor;
  Command command;
  std::chrono::steady_clock::time_point deadline;  ///< dropped unworked (`overloaded`) when passed
  std::string trace{};  ///< traceparent of whoever asks (W3C Trace Context); empty: nobody traces
};

/// Whether the log knows it again, whatever was written in between: the second time it changes
/// nothing and has the same answer.
inline bool is_known_again(const Command& command) {
  return std::holds_alternative<Send>(command) || std::holds_alternative<Create>(command);
}

/// What a committed command did.
struct Written {
  std::vector<Event> events;  ///< what to publish, in order; none for a repeat, a no-op or a Read
  std::vector<std::string> json;  ///< the same events as chat/codec.h writes them
  Seq seq = 0;                    ///< of the (first) change
  Ordinal ordinal = 0;            ///< Send
  Version version = 0;            ///< Send, Edit, Delete: the message's
  Time at{};
  bool duplicate = false;          ///< Send: the cid was used before; Create: the room was there
  std::optional<Message> message;  ///< Send, Edit, React: as it is now
  std::optional<Member> member;    ///< SetMember
  std::optional<RoomView> room;    ///< Create, Retitle: as the actor sees it
  Seq read_seq = 0;                ///< Read, Send: the actor's cursor
  std::int64_t unread = 0;         ///< Read
  std::vector<UserId> members;     ///< Close: whose room it was
};

}  // namespace respring::chat
