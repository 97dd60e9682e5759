#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace respring {

/// Reads a 63-bit id as the API writes it: decimal, no sign, no leading zero, not 0.
std::optional<std::int64_t> parse_id(std::string_view text);

/// A 63-bit identifier that cannot be mixed up with one of another kind. 0 means "none".
template <class Tag>
struct Id {
  std::int64_t value = 0;

  static std::optional<Id> parse(std::string_view text) {
    const auto number = parse_id(text);
    return number ? std::optional<Id>(Id{*number}) : std::nullopt;
  }
  std::string str() const { return std::to_string(value); }
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

using UserId = Id<struct UserTag>;
using RoomId = Id<struct RoomTag>;
using SessionId = Id<struct SessionTag>;

using Seq = std::int64_t;        ///< number of an event in its room's log, from 1
using Ordinal = std::int64_t;    ///< number of a message among its room's messages, from 1
using Version = std::int64_t;    ///< of a message: 1 when sent, one more with each edit or deletion
using RoomEpoch = std::int64_t;  ///< of a room's log: changes only if history was lost or restored

/// A new id: 41 bits of milliseconds since 2020 and 22 random bits. Not ordered, not a secret;
/// whoever inserts it draws again on a primary-key conflict. Safe from any thread.
std::int64_t new_id_value();

template <class AnyId>
AnyId new_id() {
  return AnyId{new_id_value()};
}

/// A UUID as 16 bytes (RFC 9562), any version; compares without regard to the case it was written
/// in.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// From the 36-character form, in any case.
  static std::optional<Uuid> parse(std::string_view text);
  /// The 36-character form in lower case.
  std::string str() const;
  auto operator<=>(const Uuid&) const = default;
};

Uuid new_uuid();

/// n cryptographically random bytes as unpadded base64url text.
std::string random_token(std::size_t n);

}  // namespace respring

template <class Tag>
struct std::hash<respring::Id<Tag>> {
  std::size_t operator()(const respring::Id<Tag>& id) const noexcept {
    return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15ULL);
  }
};

template <>
struct std::hash<respring::Uuid> {
  std::size_t operator()(const respring::Uuid& id) const noexcept {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  }
};
