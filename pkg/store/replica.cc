#include "store/replica.h"

namespace respring::store {

sql::Result<std::string> position_of(sql::Connection& server) {
  RESPRING_TRY(auto rows, server.query("SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_executed"));
  RESPRING_TRYV(rows.next());
  if (rows.view(0) == "ON") return rows.text(1);
  return sql::Failure{sql::Errc::other,
                      "its replica is to be waited for, and the server has gtid_mode=" +
                          rows.text(0) + ": turn it on, or take stores.shards[].replica away"};
}

sql::Result<bool> has_position(sql::Connection& replica, const std::string& position) {
  RESPRING_TRY(auto rows, replica.query("SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)", position));
  RESPRING_TRYV(rows.next());
  return rows.int64(0) == 1;
}

}  // namespace respring::store
