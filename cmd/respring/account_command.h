#pragma once

#include <functional>
#include <string>

#include "respring/offline.h"

namespace respring::cmd {

/// An error as an operator meets it: 64 for what he wrote, 4 for what is refused, else 2.
Exit fail_command(Console& console, const Error& error);

/// Opens the stores and calls `body`; on failure everything has been said.
Exit with_offline(Console& console, Access access, const std::function<Exit(Offline&)>& body);

/// The same with one user, who must not be erased.
Exit with_user(Console& console, Access access, const std::string& user,
               const std::function<Exit(Offline&, const chat::User&)>& body);

/// After ending sessions: says when nodes that run apart could not be told.
void note_untold(Console& console, const Offline& offline);

/// What every answer about a user holds.
json::Object user_json(const chat::User& user);

/// `@minji (123)`.
std::string label_of(const chat::User& user);

}  // namespace respring::cmd
