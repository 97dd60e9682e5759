#pragma once

#include <optional>
#include <string>
#include <string_view>

/// When something runs, as Kubernetes' CronJobs say it (crontab(5)): minute, hour, day of the
/// month, month and day of the week, each `*`, a number, a range, steps (`*/2`), or a list.
namespace respring::manifests {

/// What is wrong with it, or nothing. A day of the month and one of the week together are refused:
/// cron means either, systemd both.
std::optional<std::string> wrong_with_schedule(std::string_view text);

/// The same as systemd.time(7) has it; `text` must be right.
std::string calendar_of(std::string_view text, const std::string& time_zone);

}  // namespace respring::manifests
