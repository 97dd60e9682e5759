#include "ops/move/stage.h"

#include <array>

namespace respring::move {

std::string_view name_of(Stage stage) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "begin",  "import", "journal", "copy",  "drain", "freeze",  "verify",
      "commit", "leave",  "open",    "clean", "abort", "restore", "wipe"};
  return kNames[static_cast<std::size_t>(stage)];
}

}  // namespace respring::move
