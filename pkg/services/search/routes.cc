#include "services/search/routes.h"

#include "chat/codec.h"
#include "chat/limits.h"

namespace respring::search {
namespace {

std::optional<Time> read_time(net::Query& query, std::string_view name) {
  const auto text = query.text(name);
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(*text);
  if (!time) query.fail(name, "invalid");
  return time;
}

/// A cursor belongs to its reader and to the whole question, not only to the text.
std::string purpose_of(const Request& request) {
  const auto number = [](auto value) { return std::to_string(value); };
  std::string purpose = "search:" + request.reader.str();
  purpose += ":" + number(request.room.value_or(RoomId{}).value);
  purpose += ":" + number(request.sender.value_or(UserId{}).value);
  purpose += ":" + number(request.since ? to_ms(*request.since) : 0);
  purpose += ":" + number(request.until ? to_ms(*request.until) : 0);
  return purpose + ":" + request.text;
}

struct Asked {
  Request request;
  std::optional<std::string> cursor;
};

Result<Asked> read_request(const net::Request& http) {
  net::Query query(http);
  Asked asked;
  Request& request = asked.request;
  request.reader = http.principal->user;
  const auto text = query.text("q");
  if (!text) query.fail("q", "required");
  request.text = text.value_or("");
  const auto room = query.text("room");
  request.sender = query.id<UserId>("from");
  request.since = read_time(query, "since");
  request.until = read_time(query, "until");
  request.limit =
      static_cast<std::size_t>(query.integer("limit", 1, chat::kMaxPage, chat::kDefaultPage));
  asked.cursor = query.text("cursor");
  RESPRING_TRYV(query.done());
  if (room) {
    request.room = RoomId::parse(*room);
    if (!request.room) return not_found("no such room");
  }
  return asked;
}

void write_hit(json::Writer& w, const Hit& hit) {
  w.begin_object().field("room", hit.message.room.str()).field("seq", hit.message.seq);
  w.key("message");
  chat::write_json(w, hit.message);
  w.key("highlights").begin_array();
  for (const chat::Highlight& highlight : hit.highlights) {
    w.begin_array().value(static_cast<std::int64_t>(highlight.start));
    w.value(static_cast<std::int64_t>(highlight.length)).end_array();
  }
  w.end_array().end_object();
}

Task<Result<net::Response>> find(SearchService& service, const chat::CursorSeal& seal,
                                 net::Request& http) {
  RESPRING_CO_TRY(Asked asked, read_request(http));
  const std::string purpose = purpose_of(asked.request);
  if (asked.cursor) {
    const auto opened = seal.open(purpose, *asked.cursor);
    const auto offset = opened ? parse_id(*opened) : std::nullopt;
    if (!offset) co_return invalid_field("cursor", "invalid");
    asked.request.offset = *offset;
  }
  RESPRING_CO_TRY(const Page page, co_await service.find(std::move(asked.request)));
  json::Writer w;
  w.begin_object().key("items").begin_array();
  for (const Hit& hit : page.hits) write_hit(w, hit);
  w.end_array();
  if (page.next_offset) {
    w.field("next_cursor", seal.seal(purpose, std::to_string(*page.next_offset)));
  }
  chat::write_unavailable(w, page.unreachable);
  w.end_object();
  co_return net::json_response(200, w.take());
}

}  // namespace

void add_routes(net::Router& router, SearchService& service, const chat::CursorSeal& seal) {
  net::FallibleHandler handler = [&service, &seal](net::Request& request, const net::PathParams&) {
    return find(service, seal, request);
  };
  router.add(net::Method::get, "/v1/search", std::move(handler));
}

}  // namespace respring::search
