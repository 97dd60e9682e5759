#pragma once

#include <cstdint>
#include <string_view>

namespace respring::move {

/// What happens to a slot that moves from a source to a target shard, in this order, each in
/// transactions of its own; then what takes a move back. The names are those of the failpoints, of
/// the progress line and of the transitions of the exhaustive model.
enum class Stage : std::uint8_t {
  begin,    ///< meta: the move is RUN, with a generation and a lease
  import,   ///< target: NONE → IMPORTING
  journal,  ///< source: ACTIVE → MOVING; from here every write notes its keys
  copy,     ///< source → target, in chunks
  drain,    ///< source → target: what the journal names, again and again
  freeze,   ///< source: MOVING → FROZEN; writes wait from here
  verify,   ///< the journal is empty and both copies are equal
  commit,   ///< meta: RUN → COMMITTED, the map names the target. No way back from here
  leave,    ///< source: FROZEN → GONE
  open,     ///< target: IMPORTING → ACTIVE; writes go on
  clean,    ///< source: GONE → NONE, its rows deleted; the move is DONE

  abort,    ///< meta: RUN → ABORTED
  restore,  ///< source: → ACTIVE with the generation raised, the journal emptied
  wipe,     ///< target: its rows deleted, IMPORTING → NONE
};

std::string_view name_of(Stage stage);

}  // namespace respring::move
