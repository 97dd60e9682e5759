#include "chat/types.h"

#include <array>

namespace respring::chat {
namespace {

constexpr std::array kRoleNames = {std::string_view("member"), std::string_view("admin"),
                                   std::string_view("owner")};
constexpr std::array kEventKinds = {std::string_view("created"),  std::string_view("message"),
                                    std::string_view("edited"),   std::string_view("deleted"),
                                    std::string_view("reaction"), std::string_view("member"),
                                    std::string_view("room")};
static_assert(kEventKinds.size() == std::variant_size_v<EventBody>);

}  // namespace

std::string_view name_of(RoomKind kind) { return kind == RoomKind::direct ? "direct" : "group"; }
std::string_view name_of(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<RoomKind> room_kind_named(std::string_view name) {
  if (name == "direct") return RoomKind::direct;
  if (name == "group") return RoomKind::group;
  return std::nullopt;
}

std::optional<Role> role_named(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::string_view kind_of(const EventBody& body) { return kEventKinds[body.index()]; }

}  // namespace respring::chat
