#include "respring/serve/followers.h"

#include "services/room/follower.h"
#include "services/search/indexer.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/spans.h"

namespace respring::cmd {
namespace {

constexpr std::string_view kRoomListsGroup = "room-lists";
constexpr std::string_view kSearchGroup = "search-index";

/// Counts from 0 at the start: to Prometheus the first of a counter that was not there is no
/// increase, and the alert would sleep through the first event that is given up.
std::function<void(const chat::DeadLetter&)> death_logger(const std::string& group) {
  const auto dead = metrics::counter("respring_bus_dead_letters_total", {{"group", group}});
  return [dead](const chat::DeadLetter& letter) {
    dead.add();
    log::error("events.dead_letter", {{"group", letter.group},
                                      {"topic", letter.record.topic},
                                      {"partition", letter.record.partition},
                                      {"offset", letter.record.offset},
                                      {"reason", letter.reason},
                                      {"repair", "respring events dlq list"}});
  };
}

std::function<void(const Error&)> failure_logger(std::string group) {
  return [group = std::move(group)](const Error& error) {
    metrics::counter("respring_bus_failures_total", {{"group", group}}).add();
    log::warn("events.follow_failed", {{"group", group}, {"error", error.detail}});
  };
}

chat::EventFollower::Options options_of(std::string_view group) {
  chat::EventFollower::Options options{.group = std::string(group),
                                       .topic = std::string(chat::kRoomEventsTopic)};
  options.on_error = failure_logger(options.group);
  options.on_dead = death_logger(options.group);
  return options;
}

chat::EventFollower::Options list_options(Platform& platform) {
  auto options = options_of(kRoomListsGroup);
  options.apply = [&platform](const std::vector<chat::BusRecord>& records) {
    return room::follow_memberships(records, *platform.directory,
                                    platform.io->at(0).get_executor());
  };
  return options;
}

chat::EventFollower::Options index_options(Platform& platform, chat::RoomLog& log) {
  auto options = options_of(kSearchGroup);
  options.apply = [&platform, &log](const std::vector<chat::BusRecord>& records) {
    const auto begun = spans::Clock::now();
    auto indexed =
        search::index_events(records, *platform.index, log, platform.io->at(0).get_executor());
    for (const chat::BusRecord& record : records)
      spans::record(chat::trace_of(record), "index", spans::Kind::consumer, begun, {}, !indexed);
    return indexed;
  };
  return options;
}

}  // namespace

std::vector<std::unique_ptr<chat::EventFollower>> followers_of(Platform& platform,
                                                               chat::RoomLog& log,
                                                               const RoleSet& roles) {
  std::vector<std::unique_ptr<chat::EventFollower>> followers;
  const auto follow = [&](chat::EventFollower::Options options) {
    followers.push_back(std::make_unique<chat::EventFollower>(*platform.bus, std::move(options)));
  };
  if (roles.has(Role::room)) follow(list_options(platform));
  if (roles.has(Role::search)) follow(index_options(platform, log));
  return followers;
}

std::vector<std::string> groups_of(const RoleSet& roles) {
  std::vector<std::string> groups;
  if (roles.has(Role::room)) groups.emplace_back(kRoomListsGroup);
  if (roles.has(Role::search)) groups.emplace_back(kSearchGroup);
  return groups;
}

}  // namespace respring::cmd
