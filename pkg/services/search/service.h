#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chat/ports/room_log.h"
#include "chat/ports/search_index.h"
#include "chat/roles/room_lists.h"
#include "chat/search_match.h"

namespace respring::search {

/// What the search role stands on; all borrowed.
struct Ports {
  chat::SearchIndex& index;
  chat::RoomLog& log;  ///< the message role
  chat::RoomLists& lists;
};

struct Request {
  UserId reader;
  std::string text;
  std::optional<RoomId> room;  ///< nothing: all his rooms
  std::optional<UserId> sender;
  std::optional<Time> since;
  std::optional<Time> until;
  std::size_t limit = 50;
  std::int64_t offset = 0;  ///< candidates that earlier pages used up
};

struct Hit {
  chat::Message message;
  std::vector<chat::Highlight> highlights;
};

struct Page {
  std::vector<Hit> hits;
  std::optional<std::int64_t> next_offset;  ///< nothing at the end
  std::vector<RoomId> unreachable;          ///< rooms that could not be looked into
};

/// The search role: asks the index for candidates in what the reader may see, reads each message as
/// it is now from its room's log and keeps those that really match. Safe from any thread.
class SearchService {
 public:
  explicit SearchService(Ports ports) : p_(ports) {}

  /// `not_found` for a room that does not exist for the reader; `invalid_request` for a query that
  /// is empty or too long.
  Task<Result<Page>> find(Request request);

 private:
  /// The rooms to look into and from where on; notes in the page those that cannot be.
  Task<Result<std::vector<std::pair<RoomId, Seq>>>> visible(const Request& request, Page& page);
  /// False when a shard that could be read a moment ago cannot be read any more.
  Task<Result<bool>> fill(const Request& request, const chat::SearchWords& words, Page& page);
  Task<Result<void>> add_matches(const Request& request, const chat::SearchWords& words,
                                 std::vector<chat::SearchHit> candidates, Page& page);
  Ports p_;
};

}  // namespace respring::search
