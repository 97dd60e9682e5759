#pragma once

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "sql/connection.h"

/// Statements about many rows, as many at once as the database likes. Few different statements are
/// ever prepared: larger numbers of rows are made of powers of two.
namespace respring::store {

/// How many of `left` rows the next INSERT takes. Small batches are the most frequent, and each
/// goes in one statement; what a larger one leaves over does, too.
inline std::size_t rows_of_next_insert(std::size_t left) {
  constexpr std::size_t kAnyNumber = 16;
  return left <= kAnyNumber ? left : std::bit_floor(left);
}

/// `part` so many times, with `between` between them.
inline std::string repeated(std::string_view part, std::string_view between, std::size_t times) {
  std::string text;
  text.reserve(times * (part.size() + between.size()));
  for (std::size_t i = 0; i < times; ++i) {
    if (i > 0) text += between;
    text += part;
  }
  return text;
}

/// Runs `head` with as many `values`, like `(?,?)`, as there are rows, and `tail`.
/// `bind(statement, index, row)` binds a row's values from `index` on and gives the index behind.
template <class Row, class Bind>
sql::Result<void> insert_rows(sql::Connection& db, std::string_view head, std::string_view values,
                              std::string_view tail, const std::vector<Row>& rows, Bind bind) {
  const std::size_t most = db.dialect().rows_at_once();
  for (std::size_t done = 0; done < rows.size();) {
    const auto count = std::min(most, rows_of_next_insert(rows.size() - done));
    std::string text(head);
    text.append(repeated(values, ",", count)).append(tail);
    RESPRING_TRY(sql::Statement * statement, db.prepare(text));
    int index = 1;
    for (std::size_t i = 0; i < count; ++i) index = bind(*statement, index, rows[done + i]);
    const sql::Rows at_the_end(*statement);
    RESPRING_TRYV(statement->step());
    done += count;
  }
  return success();
}

/// Runs `head` with as many `condition`, like `(slot=? AND room_id=?)`, joined by OR, as there are
/// keys, and `tail`; hands every row to `read(rows)`, which answers nothing. A key may be asked for
/// more than once, its row comes once per statement.
template <class Key, class Bind, class Read>
sql::Result<void> for_each_of(sql::Connection& db, std::string_view head,
                              std::string_view condition, std::string_view tail,
                              const std::vector<Key>& keys, Bind bind, Read read) {
  const std::size_t most = db.dialect().rows_at_once();
  for (std::size_t done = 0; done < keys.size();) {
    const auto count = std::min(most, keys.size() - done);
    std::string text(head);
    text.append(repeated(condition, " OR ", std::bit_ceil(count))).append(tail);
    RESPRING_TRY(sql::Statement * statement, db.prepare(text));
    int index = 1;
    for (std::size_t i = 0; i < std::bit_ceil(count); ++i)
      index = bind(*statement, index, keys[done + std::min(i, count - 1)]);  // the last one again
    sql::Rows rows(*statement);
    while (true) {
      RESPRING_TRY(const bool more, rows.next());
      if (!more) break;
      read(rows);
    }
    done += count;
  }
  return success();
}

}  // namespace respring::store
