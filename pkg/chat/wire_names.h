#pragma once

#include "chat/wire.h"

/// What the readers of chat/wire.h share.
namespace respring::chat::wire {

inline std::string take_text(json::Fields& fields, std::string_view name) {
  return fields.text(name).value_or(std::string());
}

inline std::optional<Role> named(std::string_view name, Role) { return role_named(name); }
inline std::optional<RoomKind> named(std::string_view name, RoomKind) {
  return room_kind_named(name);
}

/// A Role or RoomKind by its name.
template <class T>
T take_named(json::Fields& fields, std::string_view name) {
  const auto text = fields.text(name);
  if (!text) return T{};
  const auto value = named(*text, T{});
  if (!value) fields.fail(name, "invalid");
  return value.value_or(T{});
}

}  // namespace respring::chat::wire
