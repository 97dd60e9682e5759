#pragma once

#include <string_view>

namespace respring {

/// A place where tests let the process die: does nothing unless RESPRING_FAILPOINT names it.
/// `RESPRING_FAILPOINT=move.copy.before:kill` ends the process there by SIGKILL, `…:stop` halts it
/// by SIGSTOP; several are separated by commas. Read once, at the first call.
void failpoint(std::string_view name);

}  // namespace respring
