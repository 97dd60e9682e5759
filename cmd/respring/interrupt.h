#pragma once

namespace respring::cmd {

/// While one lives, Ctrl-C and SIGTERM are only noted, so that a long job can stop at a good place
/// and say how to go on. A second one ends the process. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const;
};

}  // namespace respring::cmd
