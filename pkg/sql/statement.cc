#include "sql/statement.h"

#include <algorithm>

namespace respring::sql {

Uuid Rows::uuid(int column) const {
  Uuid uuid;
  const auto bytes = view(column);
  if (bytes.size() == uuid.bytes.size()) std::ranges::copy(bytes, uuid.bytes.begin());
  return uuid;
}

std::optional<std::int64_t> Rows::maybe_int64(int column) const {
  return is_null(column) ? std::nullopt : std::optional(int64(column));
}

std::optional<std::string> Rows::maybe_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<Time> Rows::maybe_time(int column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

}  // namespace respring::sql
