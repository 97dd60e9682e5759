#pragma once

#include <span>

#include "base/json.h"
#include "ops/manifests/facts.h"

/// Grafana dashboards, made of the metric table: a panel names a metric and how it is looked at,
/// and its query follows from the metric's kind and labels.
namespace respring::manifests {

/// One line of a board.
struct Panel {
  std::string_view title;
  std::string_view metric;  ///< of metrics::table()
  std::string_view by;      ///< labels to keep, with commas; empty: one line
  std::string_view unit;    ///< Grafana's: s, reqps, bytes, short, percentunit
  /// Nothing is counted while all is well: the panel shows 0 instead of "no data".
  bool rare = false;
  std::string_view over = {};  ///< a metric that `metric` is divided by: a share
};

struct Board {
  std::string_view name;  ///< `message`, `shards`, `slo`
  std::string_view title;
  std::string_view
      role;  ///< only this role's processes, and those with all roles; empty: every one
  std::vector<Panel> panels;
};

/// One per role, one of the shards, one of the objectives.
const std::vector<Board>& boards();

/// A query and how its lines are named.
struct Query {
  std::string expression;
  std::string legend;
};
/// What a panel asks; `role` as in Board. Ends the process when the metric or a label does not
/// exist, as using such a metric does.
std::vector<Query> queries_of(const Panel& panel, std::string_view role);

/// The dashboard as Grafana imports it.
json::Value dashboard_of(const Board& board);

}  // namespace respring::manifests
