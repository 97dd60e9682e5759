#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "respring/exit_code.h"

namespace respring::cmd {

/// Runs a command line (without the program's name) on the given streams; what main() does on the
/// process's own.
Exit run(std::vector<std::string> words, std::ostream& out, std::ostream& err);

int main_of(int argc, char** argv);

}  // namespace respring::cmd
