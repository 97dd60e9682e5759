#include "sqlite/check.h"

namespace respring::sqlite {

sql::Result<std::vector<std::string>> quick_check(sql::Connection& connection) {
  // Else SQLite 3.40 follows a damaged page's sizes beyond the page, and the process ends with it.
  RESPRING_TRYV(connection.execute("PRAGMA cell_size_check=ON"));
  RESPRING_TRY(auto rows, connection.query("PRAGMA quick_check(20)"));
  std::vector<std::string> faults;
  while (true) {
    const auto more = rows.next();
    // It may stumble over the damage that it has just told.
    if (!more && faults.empty()) return more.error();
    if (!more || !more.value()) return faults;
    if (rows.view(0) != "ok") faults.push_back(rows.text(0));
  }
}

}  // namespace respring::sqlite
