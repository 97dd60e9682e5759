// Two tables: the documents, and over them an FTS5 table of their terms that keeps no content of
// its own. FTS5 must be told the old terms to forget them, so they are made again from the stored
// text; when chat/search_terms gives other terms for a text, a migration must empty the tables.
//
// A document's id is when it was sent, in milliseconds, and ten bits that tell apart what was sent
// in the same one. FTS5 walks its lists in the order of ids, so the newest come first without
// sorting, and a time range is a range of ids.
//
// The index of one-character prefixes (prefix='1') is what a search for one syllable reads: it
// costs two fifths of the file's size and spares putting together the lists of all pairs that begin
// so.
//
// The tokenizer `ascii` cuts at ASCII characters that are no letters or digits and keeps all
// others: exactly the spaces that join our terms.

#include "local/search_tables.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "chat/search_terms.h"

namespace respring::local::search_tables {
namespace {

constexpr int kTieBits = 10;
constexpr std::int64_t kTieMask = (1 << kTieBits) - 1;
/// Ids after the end of a time range that may still belong to it, because their own was taken.
constexpr std::int64_t kShifted = 1 << 20;
/// With more rooms than this FTS5 is not told the rooms: trying each costs more than it saves.
constexpr std::size_t kRoomsInExpression = 64;
constexpr int kClearedAtOnce = 1000;

std::int64_t first_id(Time time) {
  const std::int64_t ms = std::clamp<std::int64_t>(to_ms(time), 0, INT64_MAX >> (kTieBits + 1));
  return ms << kTieBits;
}

std::string joined(const std::vector<std::string>& terms) {
  std::string out;
  for (const auto& term : terms) {
    if (!out.empty()) out += ' ';
    out += term;
  }
  return out;
}

std::string room_term(RoomId room) { return "r" + room.str(); }
std::string sender_term(UserId sender) { return "u" + sender.str(); }

/// A document as the table has it.
struct Stored {
  std::int64_t id = 0;
  Version version = 0;
  UserId sender;
  std::optional<std::string> text;
};

Result<std::optional<Stored>> stored(sql::Connection& connection, RoomId room, Seq seq) {
  RESPRING_TRY(auto rows, connection.query("SELECT id, version, sender, text FROM search_document "
                                           "WHERE room = ? AND seq = ?",
                                           room, seq));
  RESPRING_TRY(const bool found, rows.next());
  if (!found) return std::optional<Stored>();
  return std::optional<Stored>(
      {rows.int64(0), rows.int64(1), rows.id<UserId>(2), rows.maybe_text(3)});
}

/// Runs a statement whose last parameters are a document's id and its terms; nothing for a
/// tombstone.
Result<void> run_terms(sql::Connection& connection, std::string_view statement, std::int64_t id,
                       RoomId room, UserId sender, const std::optional<std::string>& text) {
  if (!text) return success();
  const auto terms = chat::index_terms(*text);
  const std::string grams = joined(terms.grams);
  const std::string words = joined(terms.words);
  const std::string scope = room_term(room) + " " + sender_term(sender);
  RESPRING_TRYV(connection.run(statement, id, std::string_view(grams), std::string_view(words),
                               std::string_view(scope)));
  return success();
}

Result<void> put_terms(sql::Connection& connection, std::int64_t id, RoomId room, UserId sender,
                       const std::optional<std::string>& text) {
  return run_terms(connection,
                   "INSERT INTO search_terms (rowid, grams, words, scope) VALUES (?, ?, ?, ?)", id,
                   room, sender, text);
}

/// They must be the ones that were put.
Result<void> remove_terms(sql::Connection& connection, std::int64_t id, RoomId room, UserId sender,
                          const std::optional<std::string>& text) {
  return run_terms(connection,
                   "INSERT INTO search_terms (search_terms, rowid, grams, words, scope) VALUES "
                   "('delete', ?, ?, ?, ?)",
                   id, room, sender, text);
}

Result<std::int64_t> free_id(sql::Connection& connection, const chat::SearchDocument& document) {
  for (std::int64_t id = first_id(document.created_at) | (document.seq & kTieMask);; ++id) {
    RESPRING_TRY(auto rows, connection.query("SELECT 1 FROM search_document WHERE id = ?", id));
    RESPRING_TRY(const bool taken, rows.next());
    if (!taken) return id;
  }
}

/// What must be done to the terms of one document.
struct Change {
  std::optional<Stored> before;
  const chat::SearchDocument* after = nullptr;
};
using Changes = std::map<std::int64_t, Change>;  ///< by id: FTS5 takes them fastest in that order

/// Brings the document's row up to date and notes what its terms need.
Result<void> write_row(sql::Connection& connection, const chat::SearchDocument& document,
                       Changes& changes) {
  RESPRING_TRY(auto before, stored(connection, document.room, document.seq));
  if (before && before->version >= document.version) return success();
  const std::optional<std::string_view> text = document.text;
  if (before) {
    RESPRING_TRYV(
        connection.run("UPDATE search_document SET version = ?, sender = ?, text = ? WHERE id = ?",
                       document.version, document.sender, text, before->id));
    const std::int64_t id = before->id;
    changes[id] = {std::move(before), &document};
    return success();
  }
  RESPRING_TRY(const std::int64_t id, free_id(connection, document));
  RESPRING_TRYV(connection.run(
      "INSERT INTO search_document (id, room, seq, version, sender, created_at, text) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      id, document.room, document.seq, document.version, document.sender, document.created_at,
      text));
  changes[id] = {std::nullopt, &document};
  return success();
}

/// Of each place only the highest version.
std::vector<const chat::SearchDocument*> latest(
    const std::vector<chat::SearchDocument>& documents) {
  std::map<std::pair<RoomId, Seq>, const chat::SearchDocument*> by_place;
  for (const auto& document : documents) {
    auto& chosen = by_place[{document.room, document.seq}];
    if (chosen == nullptr || chosen->version < document.version) chosen = &document;
  }
  std::vector<const chat::SearchDocument*> out;
  out.reserve(by_place.size());
  for (const auto& [place, document] : by_place) out.push_back(document);
  return out;
}

std::string scope_of(const chat::SearchQuery& query) {
  std::string scope;
  if (query.rooms.size() <= kRoomsInExpression) {
    for (const auto& [room, first_seq] : query.rooms)
      scope += (scope.empty() ? " AND scope : (" : " OR ") + room_term(room);
    if (!scope.empty()) scope += ")";
  }
  if (query.sender) scope += " AND scope : " + sender_term(*query.sender);
  return scope;
}

/// Removes up to kClearedAtOnce documents of the room; how many it were.
Result<int> clear_some(sql::Connection& connection, RoomId room) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(connection, sql::Begin::write));
  std::vector<Stored> found;
  {
    RESPRING_TRY(auto rows, connection.query(
                                "SELECT id, version, sender, text FROM search_document WHERE room "
                                "= ? ORDER BY id LIMIT ?",
                                room, kClearedAtOnce));
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      found.push_back({rows.int64(0), rows.int64(1), rows.id<UserId>(2), rows.maybe_text(3)});
    }
  }
  for (const auto& one : found) {
    RESPRING_TRYV(remove_terms(connection, one.id, room, one.sender, one.text));
    RESPRING_TRYV(connection.run("DELETE FROM search_document WHERE id = ?", one.id));
  }
  RESPRING_TRYV(transaction.commit());
  return static_cast<int>(found.size());
}

}  // namespace

Result<void> write(sql::Connection& connection,
                   const std::vector<chat::SearchDocument>& documents) {
  RESPRING_TRY(auto transaction, sql::Transaction::begin(connection, sql::Begin::write));
  Changes changes;
  for (const auto* document : latest(documents)) {
    RESPRING_TRYV(write_row(connection, *document, changes));
  }
  for (const auto& [id, change] : changes) {
    const auto& after = *change.after;
    if (change.before) {
      const auto& before = *change.before;
      RESPRING_TRYV(remove_terms(connection, id, after.room, before.sender, before.text));
    }
    RESPRING_TRYV(put_terms(connection, id, after.room, after.sender, after.text));
  }
  RESPRING_TRYV(transaction.commit());
  return success();
}

Result<std::int64_t> count(sql::Connection& connection, RoomId room) {
  RESPRING_TRY(auto rows, connection.query("SELECT count(*) FROM search_document WHERE text IS NOT "
                                           "NULL AND (?1 = 0 OR room = ?1)",
                                           room));
  RESPRING_TRYV(rows.next());
  return rows.int64(0);
}

Result<void> clear(sql::Connection& connection, RoomId room) {
  if (room) {
    int cleared = kClearedAtOnce;
    while (cleared == kClearedAtOnce) {
      RESPRING_TRY(cleared, clear_some(connection, room));
    }
    return success();
  }
  RESPRING_TRY(auto transaction, sql::Transaction::begin(connection, sql::Begin::write));
  RESPRING_TRYV(connection.run("INSERT INTO search_terms (search_terms) VALUES ('delete-all')"));
  RESPRING_TRYV(connection.run("DELETE FROM search_document"));
  RESPRING_TRYV(transaction.commit());
  return success();
}

Result<Candidates> Candidates::find(sql::Connection& connection, const chat::SearchQuery& query,
                                    const std::string& expression) {
  const std::int64_t from = query.since ? first_id(*query.since) : 0;
  const std::int64_t to = query.until ? first_id(*query.until) + kShifted : INT64_MAX;
  RESPRING_TRY(
      auto rows,
      connection.query("SELECT d.room, d.seq, d.sender, d.created_at, d.text FROM search_terms "
                       "CROSS JOIN search_document AS d ON d.id = search_terms.rowid WHERE "
                       "search_terms MATCH ? AND search_terms.rowid >= ? AND search_terms.rowid < "
                       "? ORDER BY search_terms.rowid DESC",
                       std::string_view(expression + scope_of(query)), from, to));
  return Candidates(std::move(rows));
}

Result<std::optional<Candidate>> Candidates::next() {
  RESPRING_TRY(const bool more, rows_.next());
  if (!more) return std::optional<Candidate>();
  return std::optional<Candidate>(
      {rows_.id<RoomId>(0), rows_.int64(1), rows_.id<UserId>(2), rows_.time(3), rows_.text(4)});
}

}  // namespace respring::local::search_tables
