#include "base/failpoint.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

namespace respring {
namespace {

struct Action {
  explicit Action(int wanted) : signal(wanted) {}
  int signal;
  std::atomic_flag done;  // a place is passed many times, and halts once
};
using Actions = std::map<std::string, Action, std::less<>>;  // by the place

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

Actions& armed() {
  static Actions armed = [] {
    const char* text = std::getenv("RESPRING_FAILPOINT");  // tidy: allow(getenv): no setting
    return actions_of(text != nullptr ? text : "");
  }();
  return armed;
}

}  // namespace

void failpoint(std::string_view name) {
  if (armed().empty()) return;
  const auto found = armed().find(name);
  if (found == armed().end() || found->second.done.test_and_set()) return;
  std::raise(found->second.signal);
}

}  // namespace respring
