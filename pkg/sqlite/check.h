#pragma once

#include <string>
#include <vector>

#include "sql/connection.h"

namespace respring::sqlite {

/// Reads the whole file and says where it is damaged, at most 20 sentences; none: it is sound.
/// Takes as long as reading the file does; others may work with it meanwhile.
sql::Result<std::vector<std::string>> quick_check(sql::Connection& connection);

}  // namespace respring::sqlite
