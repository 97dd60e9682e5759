#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "chat/types.h"

namespace respring::chat {

/// An event as it was announced: the payload of encode(RoomSignal) of kind `event`.
struct RecentEvent {
  RoomId room{};
  RoomEpoch epoch = 1;
  Seq seq = 0;
  /// An edit, a deletion or a reaction: what is kept of older events may say what is no longer so.
  bool changes_older = false;
  std::shared_ptr<const std::string> payload;
};

/// The last events of rooms in which something has just happened, so that a crowd of nodes and
/// clients that missed them does not read the database. What is kept of a room is always the end
/// of its log as it stood at one of its heads: dense, and begun anew by whatever changes an older
/// event. A reader names the head that he knows, and gets nothing unless it is reached.
///
/// When adding fails, what is kept stands still, is useless to whoever knows the newer head, and
/// goes with the next event or when its life (a minute) is over. Safe from any thread.
class RecentEvents {
 public:
  virtual ~RecentEvents() = default;

  static constexpr std::size_t kMostPerRoom = 200;
  static constexpr std::size_t kLargest = 128 * 1024;  ///< bytes of a payload; others are left out
  static constexpr std::chrono::seconds kLife{60};     ///< after the room's last event

  /// After the commit. Never blocks nor fails; may come twice and, from several nodes, out of
  /// order.
  virtual void add(RecentEvent event) = 0;
  /// The room was closed.
  virtual void forget(RoomId room) = 0;
  /// The payloads of after+1 … head, each of them; nothing when they are not all there.
  virtual Task<Result<std::optional<std::vector<std::string>>>> find(RoomId room, RoomEpoch epoch,
                                                                     Seq after, Seq head) = 0;
};

}  // namespace respring::chat
