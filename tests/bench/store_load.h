#pragma once

#include <string>

#include "sql/pool.h"

namespace respring::bench {

inline constexpr int kRooms = 64;
inline const std::string kText =
    "오늘 저녁 일곱 시에 늘 보던 곳에서 만나요. 비가 오면 다시 이야기합시다.";

/// Sends per second that a RoomLog over one shard acknowledges, with so many under way. Prints
/// them.
double store_rate(const sql::Connect& connect, double seconds, int in_flight);

}  // namespace respring::bench
