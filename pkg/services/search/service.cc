#include "services/search/service.h"

#include <algorithm>
#include <map>

namespace respring::search {
namespace {

// A query may have many candidates that do not match after all; how far one request looks.
constexpr int kRounds = 8;
constexpr int kCandidatesAtOnce = 200;
// The second finds out which rooms cannot be read any more, and does without them.
constexpr int kAttempts = 2;

chat::SearchQuery index_query(const Request& request, std::vector<std::pair<RoomId, Seq>> rooms) {
  chat::SearchQuery query;
  query.text = request.text;
  query.rooms = std::move(rooms);
  query.sender = request.sender;
  query.since = request.since;
  query.until = request.until;
  query.limit = kCandidatesAtOnce;
  query.offset = request.offset;
  return query;
}

bool within(const Request& request, const chat::Message& message) {
  return (!request.sender || message.sender == *request.sender) &&
         (!request.since || message.created_at >= *request.since) &&
         (!request.until || message.created_at < *request.until);
}

}  // namespace

Task<Result<std::vector<std::pair<RoomId, Seq>>>> SearchService::visible(const Request& request,
                                                                         Page& page) {
  std::vector<RoomId> rooms;
  if (request.room) {
    rooms.push_back(*request.room);
  } else {
    RESPRING_CO_TRY(rooms, co_await p_.lists.rooms_of(request.reader));
  }
  RESPRING_CO_TRY(auto found,
                  co_await p_.log.reachable_rooms(request.reader, std::move(rooms), false));
  page.unreachable = std::move(found.unreachable);
  if (request.room && !page.unreachable.empty())
    co_return overloaded("the room cannot be read now");
  if (request.room && found.views.empty()) co_return not_found("no such room");
  std::vector<std::pair<RoomId, Seq>> visible;
  for (const chat::RoomView& view : found.views) visible.emplace_back(view.id, view.first_seq);
  co_return visible;
}

Task<Result<void>> SearchService::add_matches(const Request& request,
                                              const chat::SearchWords& words,
                                              std::vector<chat::SearchHit> candidates, Page& page) {
  std::vector<std::pair<RoomId, Seq>> which;
  for (const chat::SearchHit& hit : candidates) which.emplace_back(hit.room, hit.seq);
  RESPRING_CO_TRY(auto messages, co_await p_.log.messages(request.reader, std::move(which)));
  std::map<std::pair<RoomId, Seq>, chat::Message*> by_place;
  for (chat::Message& message : messages) by_place[{message.room, message.seq}] = &message;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto found = by_place.find({candidates[i].room, candidates[i].seq});
    if (found == by_place.end() || !found->second->text || !within(request, *found->second)) {
      continue;
    }
    auto match = chat::match(*found->second->text, words);
    if (!match) continue;
    if (page.hits.size() == request.limit) {  // one more than fits: the next page begins with it
      page.next_offset = *page.next_offset + static_cast<std::int64_t>(i);
      co_return success();
    }
    page.hits.push_back({std::move(*found->second), std::move(match->highlights)});
  }
  page.next_offset = *page.next_offset + static_cast<std::int64_t>(candidates.size());
  co_return success();
}

Task<Result<bool>> SearchService::fill(const Request& request, const chat::SearchWords& words,
                                       Page& page) {
  RESPRING_CO_TRY(auto rooms, co_await visible(request, page));
  if (words.empty() || rooms.empty()) co_return true;
  chat::SearchQuery query = index_query(request, std::move(rooms));
  page.next_offset = request.offset;
  for (int round = 0; round < kRounds; ++round) {
    query.offset = *page.next_offset;
    RESPRING_CO_TRY(auto candidates, co_await p_.index.search(query));
    const std::int64_t end = query.offset + static_cast<std::int64_t>(candidates.size());
    const bool last = candidates.size() < kCandidatesAtOnce;
    const auto added = co_await add_matches(request, words, std::move(candidates), page);
    if (!added && is_out_of_reach(added.error().code)) co_return false;
    if (!added) co_return added.error();
    if (*page.next_offset < end) co_return true;  // full
    if (last) {
      page.next_offset.reset();
      co_return true;
    }
  }
  co_return true;
}

Task<Result<Page>> SearchService::find(Request request) {
  RESPRING_CO_TRY(const chat::SearchWords words, chat::parse_search(request.text));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Page page;
    RESPRING_CO_TRY(const bool whole, co_await fill(request, words, page));
    if (whole) co_return page;
  }
  co_return overloaded("the rooms cannot be read now");
}

}  // namespace respring::search
