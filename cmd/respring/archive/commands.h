#pragma once

#include "respring/arguments.h"

/// The commands of `respring archive`, one file each.
namespace respring::cmd {

void add_archive_run(Arguments& archive);
void add_archive_status(Arguments& archive);
void add_archive_verify(Arguments& archive);
void add_archive_restore(Arguments& archive);

}  // namespace respring::cmd
