#include "respring/account_command.h"

namespace respring::cmd {

Exit fail_command(Console& console, const Error& error) {
  if (error.code == ErrorCode::invalid_request) {
    std::string message = error.detail;
    if (message.empty() && !error.fields.empty())
      message = error.fields.front().field + ": " + error.fields.front().code;
    return console.fail(Exit::usage, "usage", message);
  }
  if (error.code == ErrorCode::not_found) {
    return console.fail(Exit::failed, "not_found", error.detail);
  }
  return console.fail(error);
}

Exit with_offline(Console& console, Access access, const std::function<Exit(Offline&)>& body) {
  RESPRING_TRY(const auto site, open_site(console, access));
  auto offline = Offline::open(*site);
  if (!offline) return fail_command(console, offline.error());
  return body(*offline.value());
}

Exit with_user(Console& console, Access access, const std::string& user,
               const std::function<Exit(Offline&, const chat::User&)>& body) {
  return with_offline(console, access, [&](Offline& offline) {
    const auto found = find_user(offline, user);
    if (!found) return fail_command(console, found.error());
    if (found.value().deleted) {
      return console.fail(Exit::failed, "user.erased", "user " + user + " has been erased");
    }
    return body(offline, found.value());
  });
}

void note_untold(Console& console, const Offline& offline) {
  const auto why = offline.untold();
  if (!why) return;
  console.note("  Redis could not be told (" + *why +
               "): nodes that run apart may let him in for another minute");
}

json::Object user_json(const chat::User& user) {
  return {{"id", user.id.str()},
          {"handle", user.handle},
          {"display_name", user.display_name},
          {"disabled", user.disabled},
          {"deleted", user.deleted},
          {"locale", user.locale},
          {"created_at", to_rfc3339(user.created_at)}};
}

std::string label_of(const chat::User& user) {
  return "@" + user.handle + " (" + user.id.str() + ")";
}

}  // namespace respring::cmd
