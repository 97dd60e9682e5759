// `respring archive …`: old messages to the blob store and back.
#include "respring/archive/commands.h"
#include "respring/verbs.h"

namespace respring::cmd {

void make_archive(Arguments& args) {
  add_archive_run(args);
  add_archive_status(args);
  add_archive_verify(args);
  add_archive_restore(args);
}

}  // namespace respring::cmd
