#include "sqlite/check.h"

namespace respring::sqlite {

sql::Result<std::vector<std::string>> quick_check(sql::Connection& connection) {
  RESPRING_TRY(auto rows, connection.query("PRAGMA quick_check(20)"));
  std::vector<std::string> faults;
  while (true) {
    RESPRING_TRY(const bool more, rows.next());
    if (!more) return faults;
    if (rows.view(0) != "ok") faults.push_back(rows.text(0));
  }
}

}  // namespace respring::sqlite
