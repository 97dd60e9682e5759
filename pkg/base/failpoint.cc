#include "base/failpoint.h"

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

namespace respring {
namespace {

using Actions = std::map<std::string, int, std::less<>>;  // the signal by the place

Actions actions_of(std::string_view text) {
  Actions actions;
  while (!text.empty()) {
    const auto end = text.find(',');
    const auto entry = text.substr(0, end);
    const auto colon = entry.rfind(':');
    const auto action = colon == std::string_view::npos ? "" : entry.substr(colon + 1);
    if (action == "kill") actions.emplace(entry.substr(0, colon), SIGKILL);
    if (action == "stop") actions.emplace(entry.substr(0, colon), SIGSTOP);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return actions;
}

const Actions& armed() {
  static const Actions kArmed = [] {
    const char* text = std::getenv("RESPRING_FAILPOINT");  // tidy: allow(getenv): no setting
    return actions_of(text != nullptr ? text : "");
  }();
  return kArmed;
}

}  // namespace

void failpoint(std::string_view name) {
  if (armed().empty()) return;
  const auto found = armed().find(name);
  if (found != armed().end()) std::raise(found->second);
}

}  // namespace respring
