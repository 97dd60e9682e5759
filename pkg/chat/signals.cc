#include "chat/signals.h"

#include <array>
#include <charconv>

namespace respring::chat {
namespace {

/// A node of the version before sends one less, and reads over what it does not know.
constexpr std::size_t kNumbers = 7;
constexpr std::size_t kFewestNumbers = 6;

/// The next space-separated number of the header, which it moves past; nothing when there is none.
std::optional<std::int64_t> take_number(std::string_view& header) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), value);
  if (error != std::errc{}) return std::nullopt;
  header.remove_prefix(static_cast<std::size_t>(end - header.data()));
  if (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  return value;
}

}  // namespace

std::string room_channel(RoomId room) { return "rs:room:" + room.str(); }
std::string user_channel(UserId user) { return "rs:user:" + user.str(); }

std::shared_ptr<const std::string> encode(const RoomSignal& s) {
  auto payload = std::make_shared<std::string>();
  payload->reserve(96 + s.trace.size() + s.json.size());
  const std::array<std::int64_t, kNumbers> numbers = {static_cast<std::int64_t>(s.kind),
                                                      s.room.value,
                                                      s.epoch,
                                                      s.seq,
                                                      s.affected.value,
                                                      s.left ? 1 : 0,
                                                      to_ms(s.at)};
  for (const std::int64_t number : numbers) {
    *payload += std::to_string(number);
    *payload += ' ';
  }
  if (s.trace.empty()) payload->pop_back();
  *payload += s.trace;
  *payload += '\n';
  *payload += s.json;
  return payload;
}

std::optional<RoomSignal> decode_signal(std::string_view payload) {
  const std::size_t line = payload.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  std::string_view header = payload.substr(0, line);
  std::array<std::int64_t, kNumbers> numbers{};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto value = take_number(header);
    if (!value && i < kFewestNumbers) return std::nullopt;
    numbers.at(i) = value.value_or(0);
  }
  if (numbers[0] < 0 || numbers[0] > static_cast<int>(RoomSignal::Kind::joined))
    return std::nullopt;
  RoomSignal s;
  s.kind = static_cast<RoomSignal::Kind>(numbers[0]);
  s.room = RoomId{numbers[1]};
  s.epoch = numbers[2];
  s.seq = numbers[3];
  s.affected = UserId{numbers[4]};
  s.left = numbers[5] != 0;
  s.at = from_ms(numbers[6]);
  s.trace = header.substr(0, header.find(' '));
  s.json = payload.substr(line + 1);
  return s;
}

}  // namespace respring::chat
