#include "respring/serve/signals.h"

#include <csignal>

namespace respring::cmd {
namespace {

sigset_t held() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = held();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int wait_for_end(const std::function<void()>& reload) {
  const sigset_t set = held();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGHUP) return signal;
    reload();
  }
}

void release_signals() {
  const sigset_t set = held();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace respring::cmd
