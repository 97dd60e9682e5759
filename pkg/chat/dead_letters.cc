#include "chat/dead_letters.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace respring::chat {
namespace {

constexpr std::string_view kGroup = "dead-group";
constexpr std::string_view kReason = "dead-reason";
constexpr std::string_view kTopic = "dead-topic";
constexpr std::string_view kPartition = "dead-partition";
constexpr std::string_view kOffset = "dead-offset";
constexpr std::string_view kOnlyFor = "only-for-group";

constexpr std::string_view kReaders =
    "dead-letters";  // the group whose offsets say what is retried
constexpr std::size_t kMaxReason = 500;
constexpr std::size_t kAtOnce = 100;
constexpr std::chrono::seconds kWait{10};

std::string* header(BusRecord& record, std::string_view name) {
  const auto found =
      std::ranges::find(record.headers, name, &std::pair<std::string, std::string>::first);
  return found == record.headers.end() ? nullptr : &found->second;
}

std::string taken(BusRecord& record, std::string_view name) {
  std::string* value = header(record, name);
  if (!value) return {};
  std::string text = std::move(*value);
  std::erase_if(record.headers, [name](const auto& one) { return one.first == name; });
  return text;
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The oldest that are not retried, as they lie there.
Result<std::vector<BusRecord>> read_letters(EventBus& bus, BusConsumer& consumer,
                                            const std::string& topic, std::size_t max) {
  RESPRING_TRY(const auto waiting, bus.lag(kReaders, topic));
  const std::size_t wanted =
      std::min(max, static_cast<std::size_t>(std::max<std::int64_t>(waiting, 0)));
  std::vector<BusRecord> letters;
  while (letters.size() < wanted) {
    RESPRING_TRY(auto some, consumer.poll(std::min(kAtOnce, wanted - letters.size()), kWait));
    if (some.empty()) break;  // retention or another operator was quicker
    std::ranges::move(some, std::back_inserter(letters));
  }
  return letters;
}

}  // namespace

std::string dead_letters_topic(std::string_view topic) { return std::string(topic) + ".dlq"; }

BusRecord buried(const DeadLetter& letter) {
  BusRecord record;
  record.key = letter.record.key;
  record.value = letter.record.value;
  record.headers = letter.record.headers;
  std::erase_if(record.headers, [](const auto& one) { return one.first == kOnlyFor; });
  record.headers.emplace_back(kGroup, letter.group);
  record.headers.emplace_back(kReason, letter.reason.substr(0, kMaxReason));
  record.headers.emplace_back(kTopic, letter.record.topic);
  record.headers.emplace_back(kPartition, std::to_string(letter.record.partition));
  record.headers.emplace_back(kOffset, std::to_string(letter.record.offset));
  return record;
}

DeadLetter dug_up(const BusRecord& record) {
  DeadLetter letter;
  letter.record = record;
  letter.group = taken(letter.record, kGroup);
  letter.reason = taken(letter.record, kReason);
  letter.record.topic = taken(letter.record, kTopic);
  letter.record.partition = static_cast<int>(number_in(taken(letter.record, kPartition)));
  letter.record.offset = number_in(taken(letter.record, kOffset));
  return letter;
}

Result<std::vector<DeadLetter>> list_dead_letters(EventBus& bus, std::string_view topic,
                                                  std::size_t max) {
  const std::string where = dead_letters_topic(topic);
  RESPRING_TRY(const auto consumer, bus.subscribe(std::string(kReaders), where));
  RESPRING_TRY(const auto records, read_letters(bus, *consumer, where, max));
  std::vector<DeadLetter> letters;
  for (const BusRecord& record : records) letters.push_back(dug_up(record));
  return letters;
}

Result<std::size_t> retry_dead_letters(EventBus& bus, std::string_view topic, std::size_t max) {
  const std::string where = dead_letters_topic(topic);
  RESPRING_TRY(const auto consumer, bus.subscribe(std::string(kReaders), where));
  RESPRING_TRY(const auto records, read_letters(bus, *consumer, where, max));
  std::vector<BusRecord> again;
  for (const BusRecord& record : records) {
    DeadLetter letter = dug_up(record);
    letter.record.headers.emplace_back(kOnlyFor, letter.group);
    again.push_back(std::move(letter.record));
  }
  if (again.empty()) return 0U;
  RESPRING_TRYV(bus.publish(topic, again));
  RESPRING_TRYV(consumer->commit(records));
  return again.size();
}

bool concerns(const BusRecord& record, std::string_view group) {
  return std::ranges::none_of(record.headers, [group](const auto& one) {
    return one.first == kOnlyFor && !one.second.empty() && one.second != group;
  });
}

}  // namespace respring::chat
