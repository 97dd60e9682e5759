#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

/// The product's own words: plain values, no I/O.
namespace respring::chat {

enum class RoomKind : std::uint8_t { direct, group };
enum class Role : std::uint8_t { member, admin, owner };  ///< in rising order of rights

std::string_view name_of(RoomKind kind);
std::string_view name_of(Role role);
std::optional<RoomKind> room_kind_named(std::string_view name);
std::optional<Role> role_named(std::string_view name);

struct User {
  UserId id;
  std::string handle;        ///< empty once deleted
  std::string display_name;  ///< empty once deleted
  bool deleted = false;
  bool disabled = false;  ///< by an operator: cannot log in
  std::string locale;     ///< "ko" or "en"
  Time created_at{};
};

struct Session {
  SessionId id;
  UserId user;
  std::string device;
  Time created_at{};
  Time last_used_at{};
  Time expires_at{};
};

/// Who reacted with what, in the order of the first reaction of each emoji.
using Reactions = std::vector<std::pair<std::string, std::vector<UserId>>>;

struct Message {
  RoomId room;
  Seq seq = 0;
  Ordinal ordinal = 0;
  UserId sender;
  Uuid cid;
  std::optional<std::string> text;  ///< nothing once deleted
  std::optional<Seq> reply_to;
  std::string attachments = "[]";   ///< JSON array
  std::optional<std::string> meta;  ///< JSON object as sent
  Time created_at{};
  std::optional<Time> edited_at;
  bool deleted = false;
  Reactions reactions;
  Version version = 1;
};

struct Founder {
  UserId user;
  Role role = Role::member;
  bool operator==(const Founder&) const = default;
};

// The kinds of event of a room's log. `target` is the seq of the message concerned.
struct Created {
  RoomKind kind = RoomKind::group;
  std::optional<std::string> title;  ///< nothing for a direct room
  std::vector<Founder> members;
};
struct Sent {
  Message message;  ///< as it is now, never what was taken back
};
struct Edited {
  Seq target = 0;
  std::optional<std::string> text;  ///< only while it is the message's current text
  Version version = 0;
};
struct Deleted {
  Seq target = 0;
  Version version = 0;
};
struct Reacted {
  Seq target = 0;
  std::string emoji;
  bool on = true;
};
struct MemberChanged {
  UserId user;
  std::optional<Role> role;  ///< nothing: he left or was removed
};
struct Retitled {
  std::string title;
};
using EventBody = std::variant<Created, Sent, Edited, Deleted, Reacted, MemberChanged, Retitled>;

/// One entry of a room's log.
struct Event {
  RoomId room;
  RoomEpoch epoch = 1;
  Seq seq = 0;
  UserId actor;
  Time at{};
  EventBody body;
};

/// `created`, `message`, `edited`, `deleted`, `reaction`, `member`, `room`.
std::string_view kind_of(const EventBody& body);

/// Which rooms of a user are meant.
enum class Memberships : std::uint8_t {
  present,
  ever,  ///< also of rooms he has left and of closed ones
};

struct Member {
  UserId user;
  Role role = Role::member;
  Seq joined_seq = 0;
  Seq read_seq = 0;  ///< how far he has read; only in pages of members
};

/// Where a room's log ends.
struct Head {
  RoomEpoch epoch = 1;
  Seq seq = 0;
  Ordinal ordinal = 0;
};

/// A room as one of its members sees it, read in one place and at one time.
struct RoomView {
  RoomId id;
  RoomKind kind = RoomKind::group;
  std::optional<std::string> title;
  Time created_at{};
  std::int64_t member_count = 0;
  Role role = Role::member;
  std::optional<UserId> peer;  ///< of a direct room
  Head head;
  Seq first_seq = 1;  ///< the first event this member may see
  Seq read_seq = 0;
  std::int64_t unread = 0;
  Time last_at{};  ///< latest activity: creation, message, member, title
  std::optional<Message> last_message;
};

/// What of several rooms can be seen while a shard does not answer.
struct ReachableRooms {
  std::vector<RoomView> views;      ///< the rooms that exist for the reader, in any order
  std::vector<RoomId> unreachable;  ///< of these nothing can be said now
};

/// Where a reader of a room's log stands.
struct Cursor {
  RoomId room;
  RoomEpoch epoch = 0;
  Seq seq = 0;
};

struct HistoryQuery {
  enum class Anchor : std::uint8_t { latest, before, after, around };
  Anchor anchor = Anchor::latest;
  Seq seq = 0;  ///< not for `latest`
  int limit = 50;
};

struct History {
  std::vector<Message> messages;  ///< ascending seq
  bool has_older = false;
  bool has_newer = false;
};

struct LogPage {
  RoomEpoch epoch = 1;
  Seq first_seq = 1;
  Seq head = 0;
  std::vector<Event> events;  ///< dense
};

// What a resumed cursor meets.
struct SyncEvents {
  RoomId room;
  RoomEpoch epoch = 1;
  Seq head = 0;
  std::vector<Event> events;
};
struct SyncLimited {  ///< more missed than is pushed; both ends inclusive
  RoomId room;
  Seq from = 0;
  Seq to = 0;
};
struct SyncReset {  ///< history was lost or restored: start over
  RoomId room;
  RoomEpoch epoch = 1;
  Seq first_seq = 1;
  Seq head = 0;
};
struct SyncGone {
  RoomId room;
};
struct SyncUnreachable {  ///< the room's shard does not answer now
  RoomId room;
};
using SyncItem = std::variant<SyncEvents, SyncLimited, SyncReset, SyncGone, SyncUnreachable>;

}  // namespace respring::chat
