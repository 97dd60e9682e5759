#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

namespace respring::cmd {

enum class Role : std::uint8_t { gateway, user, room, message, search, notification, websocket };

inline constexpr std::array<std::string_view, 7> kRoleNames = {
    "gateway", "user", "room", "message", "search", "notification", "websocket"};

inline std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

/// The roles one process runs.
class RoleSet {
 public:
  RoleSet() = default;
  static RoleSet all();
  /// `all`, or names with commas. The error says what is wrong with it.
  static Result<RoleSet> parse(std::string_view list);

  bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  bool has_any(std::initializer_list<Role> roles) const;
  bool is_only(Role role) const { return bits_ == bit(role); }
  bool is_all() const { return bits_ == all().bits_; }
  std::string str() const;  ///< `all`, or the names with commas

 private:
  static std::uint8_t bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace respring::cmd
