// What is promised, and what wakes somebody. Windows and factors are those of Google's SRE
// workbook, chapter 5: a budget of thirty days that burns 14.4 times too fast loses 2 % in an hour;
// the short window ends the alert when it is over.
#include "ops/manifests/objectives.h"

#include "ops/manifests/check_promql.h"
#include "telemetry/metrics.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

struct Burn {
  const char* longer;
  const char* shorter;
  const char* factor;
  const char* severity;
  const char* suffix;
};
constexpr Burn kBurns[] = {{"1h", "5m", "14.4", "page", "Fast"},
                           {"6h", "30m", "6", "page", "Slow"},
                           {"3d", "6h", "1", "ticket", "Creeping"}};

std::string with_window(std::string_view expression, const std::string& window) {
  std::string out;
  for (const char c : expression) out += c == '%' ? window : std::string(1, c);
  return out;
}

std::string number(double value) {
  std::string text = std::to_string(value);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

/// Whose pods are gone are no target any more: nothing says 0 of them.
std::string nobody_of(const Scrape& scrape) {
  std::string out;
  for (const std::string& role : scrape.roles) {
    out += out.empty() ? "absent(up{role=\"" : " or absent(up{role=\"";
    out += role;
    out += "\"})";
  }
  return out;
}

std::vector<Alert> symptoms(const Scrape& scrape) {
  return {
      {"RespringRoleGone", nobody_of(scrape), "5m", "page",
       "no process of the role {{ $labels.role }} is there to be asked"},
      {"RespringDown", "up{role!=\"\"} == 0", "2m", "page",
       "{{ $labels.role }} {{ $labels.instance }} does not answer"},
      {"RespringRestarts", "changes(process_start_time_seconds{role!=\"\"}[15m]) > 3", "0m", "page",
       "{{ $labels.role }} {{ $labels.instance }} starts again and again"},
      {"RespringOutboxOld", "max by (shard) (respring_outbox_oldest_seconds) > 60", "2m", "page",
       "events of {{ $labels.shard }} are not published: search and room lists fall behind"},
      {"RespringNobodyRelays", "sum by (shard) (respring_relay_holder) == 0", "2m", "page",
       "no node relays {{ $labels.shard }}"},
      {"RespringConsumerBehind",
       "max by (group) (respring_bus_lag) > 1000 and deriv(max by (group) "
       "(respring_bus_lag)[15m:1m]) > 0",
       "10m", "ticket", "{{ $labels.group }} is behind and falls further"},
      {"RespringDeadLetters", "sum by (group) (increase(respring_bus_dead_letters_total[15m])) > 0",
       "0m", "ticket", "{{ $labels.group }} gave up events"},
      {"RespringSlowCommits",
       "histogram_quantile(0.99, sum by (le, shard) (rate(respring_batch_seconds_bucket[5m]))) > 1",
       "10m", "page", "one commit in a hundred of {{ $labels.shard }} takes over a second"},
      {"RespringQueueFull", "sum by (pool, role) (rate(respring_pool_refused_total[5m])) > 0", "5m",
       "page", "{{ $labels.role }}: the queue {{ $labels.pool }} is full and refuses work"},
      {"RespringRedisDown", "min by (use) (respring_redis_up) == 0", "2m", "ticket",
       "Redis for {{ $labels.use }} is away from one process at least"},
      {"RespringPeersUnreachable",
       "sum by (role, peer) (rate(respring_peer_failures_total[5m])) > 0.1", "5m", "page",
       "{{ $labels.role }} does not reach {{ $labels.peer }}"},
      {"RespringRoleFaults",
       "sum by (role) (rate(respring_role_requests_total{status=\"5xx\"}[5m])) / "
       "sum by (role) (rate(respring_role_requests_total[5m])) > 0.05",
       "5m", "page", "{{ $labels.role }} fails one in twenty of what other roles ask"},
      {"RespringMoveLeft", "max(respring_moves{state=\"left\"}) > 0", "5m", "ticket",
       "a slot is on its way and nobody works on it"},
      {"RespringSlowReaders", "sum(rate(respring_websocket_lag_total[10m])) > 1", "10m", "ticket",
       "many connections read too slowly and have events left out"},
      {"RespringSearchRefuses",
       "sum(increase(respring_search_engine_documents_total{result=\"refused\"}[15m])) > 0", "0m",
       "ticket", "the search engine refuses documents"},
      {"RespringDescriptorsShort", "process_open_fds{role!=\"\"} / process_max_fds > 0.8", "5m",
       "page", "{{ $labels.role }} {{ $labels.instance }} runs out of file descriptors"},
      {"RespringErrorsLogged",
       "sum by (role) (increase(respring_log_lines_total{level=\"error\"}[15m])) > 10", "0m",
       "ticket", "{{ $labels.role }} logs errors"},
      {"RespringSpansDropped", "sum(rate(respring_spans_total{result=\"dropped\"}[15m])) > 0",
       "15m", "ticket", "the collector does not take traces"},
  };
}

}  // namespace

const std::vector<Objective>& objectives() {
  static const std::vector<Objective> kAll = {
      {"Sends", "999 of 1000 sends are stored", 0.001,
       "sum(rate(respring_sends_total{result=\"failed\"}[%]))",
       "sum(rate(respring_sends_total{result!=\"refused\"}[%]))"},
      {"Requests", "999 of 1000 requests are answered without a fault of ours", 0.001,
       "sum(rate(respring_http_requests_total{status=\"5xx\"}[%]))",
       "sum(rate(respring_http_requests_total[%]))"},
      {"Latency", "99 of 100 requests are answered within a quarter of a second", 0.01,
       "(sum(rate(respring_http_request_seconds_count[%])) - "
       "sum(rate(respring_http_request_seconds_bucket{le=\"0.25\"}[%])))",
       "sum(rate(respring_http_request_seconds_count[%]))"},
      {"Delivery", "99 of 100 messages are on their way to live readers within half a second", 0.01,
       "(sum(rate(respring_delivery_seconds_count[%])) - "
       "sum(rate(respring_delivery_seconds_bucket{le=\"0.5\"}[%])))",
       "sum(rate(respring_delivery_seconds_count[%]))"},
  };
  return kAll;
}

std::string error_share(const Objective& objective, const std::string& window) {
  // Nothing bad was counted yet: the share is 0, not unknown.
  return "((" + with_window(objective.bad, window) + " or vector(0)) / " +
         with_window(objective.all, window) + ")";
}

std::vector<Alert> alerts(const Scrape& scrape) {
  std::vector<Alert> out;
  for (const Objective& objective : objectives()) {
    for (const Burn& burn : kBurns) {
      const std::string limit =
          " > " + std::string(burn.factor) + " * " + number(objective.allowed);
      out.push_back({"Respring" + std::string(objective.name) + "Burn" + burn.suffix,
                     error_share(objective, burn.longer) + limit + " and " +
                         error_share(objective, burn.shorter) + limit,
                     "2m", burn.severity,
                     "the budget of \"" + std::string(objective.says) + "\" burns " + burn.factor +
                         " times too fast"});
    }
  }
  for (Alert& alert : symptoms(scrape)) out.push_back(std::move(alert));
  // Another platform in the same Prometheus must neither hide what is wrong here nor add to it.
  for (Alert& alert : out)
    alert.expression = only_with(alert.expression, "namespace=\"" + scrape.name_space + "\"");
  return out;
}

Array rule_groups(const Scrape& scrape, const std::string& runbook) {
  Array rules;
  for (const Alert& alert : alerts(scrape)) {
    std::string anchor = alert.name;
    for (char& c : anchor) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    rules.emplace_back(Object{
        {"alert", alert.name},
        {"expr", alert.expression},
        {"for", alert.lasts},
        // Sums lose the label; without it an Alertmanager takes two platforms' alerts for one.
        {"labels", Object{{"severity", alert.severity}, {"namespace", scrape.name_space}}},
        {"annotations", Object{{"summary", alert.says}, {"runbook_url", runbook + "#" + anchor}}}});
  }
  return {Object{{"name", "respring"}, {"rules", std::move(rules)}}};
}

void add_objective_panels(Array& panels) {
  int id = 100;
  for (const Objective& objective : objectives()) {
    Array targets;
    char letter = 'A';
    for (const char* window : {"5m", "1h", "6h"}) {
      targets.emplace_back(
          Object{{"refId", std::string(1, letter++)},
                 {"expr", only_with(error_share(objective, window), kShownNamespace) + " / " +
                              number(objective.allowed)},
                 {"legendFormat", window}});
    }
    const int row = id - 100 + 1;
    panels.emplace_back(Object{
        {"id", id++},
        {"title", "Budget burns this many times too fast: " + std::string(objective.name)},
        {"description", std::string(objective.says)},
        {"type", "timeseries"},
        {"datasource", Object{{"type", "prometheus"}, {"uid", "${datasource}"}}},
        {"gridPos", Object{{"x", 0}, {"y", row * 8}, {"w", 24}, {"h", 8}}},
        {"fieldConfig",
         Object{{"defaults", Object{{"unit", "short"}, {"min", 0}}}, {"overrides", Array{}}}},
        {"targets", std::move(targets)}});
  }
}

}  // namespace respring::manifests
