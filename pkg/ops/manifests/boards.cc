#include "ops/manifests/boards.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "ops/manifests/check_promql.h"
#include "ops/manifests/objectives.h"
#include "telemetry/metrics.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;
using metrics::Declaration;
using metrics::Kind;

[[noreturn]] void misuse(std::string_view metric, const char* why) {
  const std::string line = "dashboard: " + std::string(metric) + ": " + why + "\n";
  std::fputs(line.c_str(), stderr);  // tidy: allow(printf): the last words of the process
  std::abort();
}

const Declaration& declared(std::string_view metric) {
  const auto& table = metrics::table();
  const auto at = std::ranges::find(table, metric, &Declaration::name);
  if (at == table.end()) misuse(metric, "is not in metric_table.cc");
  return *at;
}

std::vector<std::string> labels_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

/// Labels that the scraper adds to every series.
bool added_by_scraper(const std::string& label) { return label == "role" || label == "instance"; }

void check_labels(const Declaration& metric, std::string_view by) {
  for (const std::string& label : labels_of(by)) {
    if (!added_by_scraper(label) && std::ranges::count(metric.labels, label) == 0)
      misuse(metric.name, "has no such label");
  }
}

std::string legend_of(std::string_view by) {
  std::string out;
  for (const std::string& label : labels_of(by)) out += (out.empty() ? "{{" : " {{") + label + "}}";
  return out;
}

std::string grouped(std::string_view function, std::string_view by, const std::string& inner) {
  const std::string group = by.empty() ? "" : " by (" + std::string(by) + ")";
  return std::string(function) + group + " (" + inner + ")";
}

std::string selector_of(std::string_view role) {
  return role.empty() ? "" : "{role=~\"all|" + std::string(role) + "\"}";
}

std::string rate_of(std::string_view metric, std::string_view role) {
  return "rate(" + std::string(metric) + selector_of(role) + "[$__rate_interval])";
}

std::string simple(const Declaration& metric, std::string_view by, std::string_view role) {
  const bool counts = metric.kind == Kind::counter;
  // What is counted adds up; of states the highest is what matters.
  constexpr std::string_view kAmounts[] = {"_connections", "_tunnels", "_rows", "_bytes"};
  const bool adds = counts || std::ranges::any_of(kAmounts, [&](std::string_view amount) {
                      return metric.name.ends_with(amount);
                    });
  const std::string series = std::string(metric.name) + selector_of(role);
  return grouped(adds ? "sum" : "max", by, counts ? rate_of(metric.name, role) : series);
}

std::vector<Query> quantiles(const Declaration& metric, std::string_view by,
                             std::string_view role) {
  const std::string keep = by.empty() ? "le" : "le," + std::string(by);
  const std::string inner =
      grouped("sum", keep, rate_of(std::string(metric.name) + "_bucket", role));
  std::vector<Query> out;
  for (const char* share : {"0.5", "0.99"}) {
    const std::string name = std::string("p") + (share + 2);
    const std::string legend = legend_of(by);
    out.push_back({std::string("histogram_quantile(") + share + ", " + inner + ")",
                   (name == "p5" ? "p50" : name) + (legend.empty() ? "" : " " + legend)});
  }
  return out;
}

Object panel_json(const Panel& panel, std::string_view role, int index) {
  Array targets;
  char letter = 'A';
  for (const Query& query : queries_of(panel, role)) {
    targets.emplace_back(Object{{"refId", std::string(1, letter++)},
                                {"expr", only_with(query.expression, kShownNamespace)},
                                {"legendFormat", query.legend}});
  }
  constexpr int kWide = 12;
  constexpr int kHigh = 8;
  return {
      {"id", index + 1},
      {"title", std::string(panel.title)},
      {"description", std::string(declared(panel.metric).help)},
      {"type", "timeseries"},
      {"datasource", Object{{"type", "prometheus"}, {"uid", "${datasource}"}}},
      {"gridPos",
       Object{{"x", index % 2 * kWide}, {"y", index / 2 * kHigh}, {"w", kWide}, {"h", kHigh}}},
      {"fieldConfig", Object{{"defaults", Object{{"unit", std::string(panel.unit)}, {"min", 0}}},
                             {"overrides", Array{}}}},
      {"targets", std::move(targets)}};
}

}  // namespace

std::vector<Query> queries_of(const Panel& panel, std::string_view role) {
  const Declaration& metric = declared(panel.metric);
  check_labels(metric, panel.by);
  if (metric.kind == Kind::histogram) {
    auto queries = quantiles(metric, panel.by, role);
    // Without a count a quantile is no number, which is not 0 or more.
    for (Query& query : queries)
      if (panel.rare) query.expression = "(" + query.expression + " >= 0) or vector(0)";
    return queries;
  }
  std::string expression = simple(metric, panel.by, role);
  if (!panel.over.empty()) expression += " / " + simple(declared(panel.over), panel.by, role);
  if (panel.rare) expression = "(" + expression + ") or vector(0)";
  return {{expression, legend_of(panel.by)}};
}

json::Value dashboard_of(const Board& board) {
  const Object source = {{"name", "datasource"},
                         {"type", "datasource"},
                         {"query", "prometheus"},
                         {"label", "Prometheus"}};
  // Of one platform at a time. A Prometheus that labels no namespaces has none to offer, and the
  // empty one fits what has no such label.
  const Object platform = {{"name", "namespace"},
                           {"type", "query"},
                           {"label", "Namespace"},
                           {"datasource", Object{{"type", "prometheus"}, {"uid", "${datasource}"}}},
                           {"query", "label_values(respring_build_info, namespace)"},
                           {"refresh", 2},
                           {"sort", 1}};
  Array panels;
  int index = 0;
  for (const Panel& panel : board.panels)
    panels.emplace_back(panel_json(panel, board.role, index++));
  if (board.name == "slo") add_objective_panels(panels);
  return Object{{"uid", "respring-" + std::string(board.name)},
                {"title", "respring · " + std::string(board.title)},
                {"tags", Array{"respring"}},
                {"schemaVersion", 39},
                {"editable", false},
                {"refresh", "30s"},
                {"time", Object{{"from", "now-3h"}, {"to", "now"}}},
                {"templating", Object{{"list", Array{source, platform}}}},
                {"panels", std::move(panels)}};
}

}  // namespace respring::manifests
