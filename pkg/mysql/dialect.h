#pragma once

#include <cstdint>
#include <string_view>

#include "sql/dialect.h"

namespace respring::mysql {

enum class Product : std::uint8_t { mysql, mariadb };

/// `8.0.31`, `10.11.6-MariaDB-…`.
Product product_of(std::string_view version);
const sql::Dialect& dialect(Product product);

/// What on_conflict_keep() puts at a statement's end: the driver answers a taken primary key with
/// "no row was changed" instead of `unique`. INSERT IGNORE would pass over other errors as well,
/// and an update that changes nothing counts the row like one that was inserted.
inline constexpr std::string_view kKeepMark = " /* keep */";

}  // namespace respring::mysql
