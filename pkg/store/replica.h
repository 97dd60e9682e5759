#pragma once

#include <string>

#include "sql/connection.h"

/// How far a server's replica is, by MySQL's global transaction ids: no privilege is needed, and no
/// clock of another machine.
namespace respring::store {

/// Everything that has been committed on the server so far. `other` where it counts no GTIDs.
sql::Result<std::string> position_of(sql::Connection& server);
/// Whether all of that is on this server, too.
sql::Result<bool> has_position(sql::Connection& replica, const std::string& position);

}  // namespace respring::store
