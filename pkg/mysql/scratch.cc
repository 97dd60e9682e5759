#include "mysql/scratch.h"

#include <algorithm>

#include "base/ids.h"

namespace respring::mysql {

sql::Result<std::unique_ptr<Scratch>> Scratch::make(Options beside) {
  auto name = "respring_scratch_" + new_uuid().str();
  std::ranges::replace(name, '-', '_');
  {
    RESPRING_TRY(const auto maker, open(beside));
    RESPRING_TRYV(maker->execute("CREATE DATABASE " + name));
  }
  beside.database = name;
  auto opened = open(beside);
  if (!opened) return std::move(opened).assume_error();
  return std::unique_ptr<Scratch>(new Scratch(std::move(opened).assume_value(), std::move(name)));
}

Scratch::~Scratch() {
  // What cannot be dropped now is empty of anything anybody needs, and named so.
  (void)connection_->execute("DROP DATABASE " + name_);
}

}  // namespace respring::mysql
