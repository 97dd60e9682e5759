#pragma once

namespace respring::cmd {

/// What the process ends with; the same for every command (`respring help exit-codes`).
enum class Exit : int {
  ok = 0,
  findings = 1,        ///< differences or findings; nothing went wrong
  failed = 2,          ///< failed
  partly = 3,          ///< partly done, can be resumed; the command says how
  refused = 4,         ///< a safety check refused; nothing changed
  unreachable = 5,     ///< a backend cannot be reached
  usage = 64,          ///< the command line is wrong (EX_USAGE)
  configuration = 78,  ///< the configuration is wrong (EX_CONFIG)
  interrupted = 130,   ///< Ctrl-C
};

}  // namespace respring::cmd
