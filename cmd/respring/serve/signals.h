#pragma once

#include <functional>

namespace respring::cmd {

/// Blocks SIGINT, SIGTERM and SIGHUP for this thread and those it starts from now on, and ignores
/// SIGPIPE. Before any thread exists.
void hold_signals();

/// Waits until the process is asked to end; calls `reload` for every SIGHUP meanwhile. The signal.
int wait_for_end(const std::function<void()>& reload);

/// From now on a second Ctrl-C or SIGTERM ends the process at once.
void release_signals();

}  // namespace respring::cmd
