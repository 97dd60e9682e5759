#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace respring::manifests {

/// A promise to people and how it is counted: the share of `bad` in `all` over a window stays below
/// 1 - target. `%` in the expressions stands for the window.
struct Objective {
  std::string_view name;  ///< `Sends`, part of the alerts' names
  std::string_view says;
  double allowed;  ///< the share that may go wrong, e.g. 0.001
  std::string_view bad;
  std::string_view all;
};
const std::vector<Objective>& objectives();

/// bad / all over a window like `5m`, of every platform that a Prometheus scrapes.
std::string error_share(const Objective& objective, const std::string& window);

/// What Prometheus is to find: roles that must run, and the namespace that it labels them with.
/// It may scrape other platforms, too, of which these alerts say nothing.
struct Scrape {
  std::string name_space;
  std::vector<std::string> roles;
};

/// An alert with its section in docs/operations.md, named as it is.
struct Alert {
  std::string name;
  std::string expression;
  std::string lasts;     ///< how long it must hold: `5m`
  std::string severity;  ///< `page` wakes somebody, `ticket` waits for the morning
  std::string says;
};
/// Burn rates of every objective over several windows, then symptoms.
/// `scrape` finds the platform's processes.
std::vector<Alert> alerts(const Scrape& scrape);

/// The groups of a Prometheus rule file, also of a PrometheusRule's spec. `runbook` is the address
/// of docs/operations.md, which has a section for each alert.
json::Array rule_groups(const Scrape& scrape, const std::string& runbook);

/// The series that a dashboard shows: of the platform that is chosen at its top.
constexpr std::string_view kShownNamespace = "namespace=~\"$namespace\"";

/// The panels of the objectives' board: how fast each budget burns.
void add_objective_panels(json::Array& panels);

}  // namespace respring::manifests
