#include "ops/manifests/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

namespace respring::manifests {
namespace {

struct Field {
  const char* name;
  int least;
  int most;
};
constexpr std::array kFields = {Field{"minute", 0, 59}, Field{"hour", 0, 23},
                                Field{"day of the month", 1, 31}, Field{"month", 1, 12},
                                Field{"day of the week", 0, 7}};
constexpr std::size_t kDay = 2;
constexpr std::size_t kMonth = 3;
constexpr std::size_t kWeekday = 4;

/// One item of a list: from, to, every so many. `whole`: written with a star.
struct Item {
  int from = 0;
  int to = 0;
  int step = 1;
  bool whole = false;
};

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(mark, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<int> number_in(std::string_view text, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < least || number > most) return std::nullopt;
  return number;
}

std::optional<Item> item_in(std::string_view text, const Field& field) {
  Item item{field.least, field.most, 1, false};
  const auto slash = text.find('/');
  if (slash != text.npos) {
    const auto step = number_in(text.substr(slash + 1), 1, field.most);
    if (!step) return std::nullopt;
    item.step = *step;
    text = text.substr(0, slash);
  }
  item.whole = text == "*";
  if (item.whole) return item;
  const auto dash = text.find('-');
  const auto from = number_in(text.substr(0, dash), field.least, field.most);
  if (!from || (dash == text.npos && slash != text.npos)) return std::nullopt;
  item.from = item.to = *from;
  if (dash == text.npos) return item;
  const auto to = number_in(text.substr(dash + 1), *from, field.most);
  if (!to) return std::nullopt;
  item.to = *to;
  return item;
}

std::optional<std::vector<Item>> items_in(std::string_view text, const Field& field) {
  std::vector<Item> items;
  for (const std::string_view part : split(text, ',')) {
    const auto item = item_in(part, field);
    if (!item) return std::nullopt;
    items.push_back(*item);
  }
  return items;
}

/// Of a text that was found right.
std::vector<Item> right_items(std::string_view text, const Field& field) {
  return items_in(text, field).value_or(std::vector<Item>());
}

/// Numbers as systemd lists them: `*`, `3`, `1..5`, `0/2`.
std::string numbers_of(std::string_view text, const Field& field) {
  std::string out;
  for (const Item& item : right_items(text, field)) {
    if (item.whole && item.step == 1) return "*";
    out += (out.empty() ? "" : ",") + std::to_string(item.from);
    if (!item.whole && item.to != item.from) out += ".." + std::to_string(item.to);
    if (item.step != 1) out += "/" + std::to_string(item.step);
  }
  return out;
}

/// Days by name, each: systemd knows no steps there. Nothing for every day.
std::string weekdays_of(std::string_view text) {
  if (text == "*") return "";
  constexpr std::array kNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::set<int> days;
  for (const Item& item : right_items(text, kFields[kWeekday])) {
    for (int day = item.from; day <= item.to; day += item.step) days.insert(day % 7);
  }
  std::string out;
  for (const int day : days)
    out += (out.empty() ? "" : ",") + std::string(kNames.at(static_cast<std::size_t>(day)));
  return out + " ";
}

}  // namespace

std::optional<std::string> wrong_with_schedule(std::string_view text) {
  const auto parts = split(text, ' ');
  if (parts.size() != kFields.size()) return "is no time like '17 18 * * *', five fields";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Field& field = kFields.at(i);
    if (items_in(parts[i], field)) continue;
    return "has a " + std::string(field.name) + " that is not of " + std::to_string(field.least) +
           " to " + std::to_string(field.most) + " (*, 3, 1-5, */2, 1,15)";
  }
  if (parts[kDay] != "*" && parts[kWeekday] != "*")
    return "has a day of the month and one of the week: leave one of them *";
  return std::nullopt;
}

std::string calendar_of(std::string_view text, const std::string& time_zone) {
  const auto parts = split(text, ' ');
  const auto numbers = [&](std::size_t i) { return numbers_of(parts[i], kFields.at(i)); };
  return weekdays_of(parts[kWeekday]) + "*-" + numbers(kMonth) + "-" + numbers(kDay) + " " +
         numbers(1) + ":" + numbers(0) + ":00 " + time_zone;
}

}  // namespace respring::manifests
