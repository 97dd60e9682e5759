#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/types.h"

namespace respring::store {

/// An event that is not a message, as the columns of its row.
struct ChangeColumns {
  std::string_view kind;
  std::optional<Seq> target;
  std::optional<Version> version;
  std::optional<std::string> text;  ///< an edit's: apart, so that it can be taken back
  std::optional<std::string> body;  ///< JSON of the rest
};

ChangeColumns columns_of(const chat::EventBody& body);
/// `internal` for columns this program did not write.
Result<chat::EventBody> body_from(std::string_view kind, std::optional<Seq> target,
                                  std::optional<Version> version, std::optional<std::string> text,
                                  std::string_view body);

}  // namespace respring::store
