#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "chat/cursor_seal.h"
#include "chat/limits.h"
#include "net/http.h"

namespace respring::user {

/// Where a page of a list ordered by id begins and how long it is.
struct Page {
  std::int64_t after = 0;
  int limit = chat::kDefaultPage;
};

/// Makes the pages of one list of one reader: `purpose` names both, and a cursor of another list
/// is refused. Lives for one request.
class Pages {
 public:
  Pages(const chat::CursorSeal& seal, std::string purpose)
      : seal_(seal), purpose_(std::move(purpose)) {}

  /// Takes `limit` and `cursor` from the query; what is wrong is noted there.
  Page read(net::Query& query) const {
    Page page;
    page.limit = static_cast<int>(query.integer("limit", 1, chat::kMaxPage, chat::kDefaultPage));
    const auto cursor = query.text("cursor");
    if (!cursor) return page;
    const auto text = seal_.open(purpose_, *cursor);
    const auto after = text ? parse_id(*text) : std::nullopt;
    if (!after) query.fail("cursor", "invalid");
    page.after = after.value_or(0);
    return page;
  }

  /// `{items:[…], next_cursor?}` of rows of which one more than the limit was asked for.
  /// `write(writer, row)` writes an item; rows have an `id`.
  template <class Row, class Write>
  std::string json(const std::vector<Row>& rows, const Page& page, Write write) const {
    const auto limit = static_cast<std::size_t>(page.limit);
    json::Writer w;
    w.begin_object().key("items").begin_array();
    for (std::size_t i = 0; i < std::min(rows.size(), limit); ++i) write(w, rows[i]);
    w.end_array();
    if (rows.size() > limit) w.field("next_cursor", seal_.seal(purpose_, rows[limit - 1].id.str()));
    w.end_object();
    return w.take();
  }

 private:
  const chat::CursorSeal& seal_;
  std::string purpose_;
};

}  // namespace respring::user
