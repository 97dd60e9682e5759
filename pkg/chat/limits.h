#pragma once

#include <cstddef>
#include <cstdint>

/// The limits of the API (docs/openapi.json). Code points are counted after NFC.
namespace respring::chat {

inline constexpr std::size_t kMaxTextCodePoints = 4000;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;
inline constexpr std::size_t kMaxMetaBytes = 4 * 1024;
inline constexpr std::size_t kMaxTitleCodePoints = 100;
inline constexpr std::size_t kMaxNameCodePoints = 50;
inline constexpr std::size_t kMaxDeviceCodePoints = 100;
inline constexpr std::size_t kMinPasswordCodePoints = 8;
inline constexpr std::size_t kMaxPasswordCodePoints = 128;
inline constexpr std::size_t kMaxEmojiCodePoints = 8;
inline constexpr std::size_t kMaxReactionKinds = 20;  ///< different emoji on one message
inline constexpr std::size_t kMaxFounders = 500;      ///< invited when a group is made
inline constexpr std::size_t kMaxQueryCodePoints = 200;
inline constexpr std::size_t kMaxRefBytes = 64;
inline constexpr int kDefaultPage = 50;
inline constexpr int kMaxPage = 100;
inline constexpr int kDefaultLogPage = 200;
inline constexpr int kMaxLogPage = 500;
inline constexpr std::size_t kMaxSyncRooms = 200;
inline constexpr int kMaxSyncEvents = 500;  ///< more missed in a room is `limited`

}  // namespace respring::chat
