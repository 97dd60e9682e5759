// Every dashboard: what an operator of that part looks at, most telling first.
#include "ops/manifests/boards.h"

namespace respring::manifests {
namespace {

/// What every process has; USE: how busy, how full, what went wrong.
std::vector<Panel> with_process(std::vector<Panel> panels) {
  const Panel common[] = {
      {"CPU, cores", "process_cpu_seconds_total", "instance", "short"},
      {"Memory", "process_resident_memory_bytes", "instance", "bytes"},
      {"Open descriptors, share of the most", "process_open_fds", "instance", "percentunit", false,
       "process_max_fds"},
      {"Threads", "process_threads", "instance", "short"},
      {"Warnings and errors logged", "respring_log_lines_total", "level", "cps", true},
  };
  panels.insert(panels.end(), std::begin(common), std::end(common));
  return panels;
}

/// Whoever is asked by other roles; the gateway counts their requests by route.
std::vector<Panel> with_listener(std::vector<Panel> panels) {
  panels.push_back({"Open connections", "respring_http_connections", "listener", "short"});
  panels.push_back(
      {"Refused before a route", "respring_http_refused_total", "reason", "cps", true});
  panels.push_back({"Calls to other roles without an answer", "respring_peer_failures_total",
                    "peer", "cps", true});
  return with_process(std::move(panels));
}

/// RED of what other roles ask of this one.
std::vector<Panel> with_calls(std::vector<Panel> panels) {
  const Panel common[] = {
      {"Asked by other roles, by status", "respring_role_requests_total", "status", "reqps"},
      {"Asked by other roles, by route", "respring_role_requests_total", "route,method", "reqps"},
      {"Time to answer them, by route", "respring_role_request_seconds", "route", "s"},
  };
  panels.insert(panels.begin(), std::begin(common), std::end(common));
  return with_listener(std::move(panels));
}

/// RED of the gateway, which answers for all.
std::vector<Panel> with_http(std::vector<Panel> panels) {
  const Panel common[] = {
      {"Requests by status", "respring_http_requests_total", "status", "reqps"},
      {"Requests by route", "respring_http_requests_total", "route,method", "reqps"},
      {"Time to answer, by route", "respring_http_request_seconds", "route", "s"},
      {"Open connections", "respring_http_connections", "listener", "short"},
      {"Refused before a route", "respring_http_refused_total", "reason", "cps", true},
  };
  panels.insert(panels.begin(), std::begin(common), std::end(common));
  return with_process(std::move(panels));
}

std::vector<Panel> message_panels() {
  return with_calls(
      {{"Sends by outcome", "respring_sends_total", "result", "cps"},
       {"Commit of a batch", "respring_batch_seconds", "shard", "s"},
       {"Writes per batch", "respring_batch_rows", "shard", "short"},
       {"Oldest event not published", "respring_outbox_oldest_seconds", "shard", "s"},
       {"Live messages not handed to Redis", "respring_redis_dropped_total", "", "cps", true},
       {"Records to Kafka", "respring_kafka_records_total", "result", "cps", true},
       {"Blob store's time", "respring_blob_seconds", "operation", "s", true},
       {"Blob store's failures", "respring_blob_failures_total", "operation", "cps", true},
       {"Archived segments read", "respring_archive_segments_read_total", "from", "cps", true},
       {"Archived segments not to be had", "respring_archive_failures_total", "what", "cps",
        true}});
}

std::vector<Board> make() {
  return {
      {"gateway", "gateway", "gateway",
       with_http({{"Refused by limits", "respring_rate_limited_total", "limit", "cps", true},
                  {"Calls to other roles without an answer", "respring_peer_failures_total", "peer",
                   "cps", true},
                  {"WebSockets handed on", "respring_websocket_tunnels", "", "short"}})},
      {"user", "user", "user",
       with_calls(
           {{"Jobs refused, queue full", "respring_pool_refused_total", "pool", "cps", true},
            {"Refused by limits", "respring_rate_limited_total", "limit", "cps", true},
            {"Redis up", "respring_redis_up", "use", "short", true},
            {"Ends of sessions told late", "respring_session_ends_late_total", "", "cps", true}})},
      {"room", "room", "room",
       with_calls({{"Events behind", "respring_bus_lag", "group", "short"},
                   {"Events given up", "respring_bus_dead_letters_total", "group", "cps", true},
                   {"Events tried again", "respring_bus_failures_total", "group", "cps", true}})},
      {"message", "message", "message", message_panels()},
      {"search", "search", "search",
       with_calls(
           {{"Events behind", "respring_bus_lag", "group", "short"},
            {"Search engine's time", "respring_search_engine_seconds", "operation", "s"},
            {"Documents by outcome", "respring_search_engine_documents_total", "result", "cps"},
            {"Events given up", "respring_bus_dead_letters_total", "group", "cps", true}})},
      {"notification", "notification", "notification", with_listener({})},
      {"websocket", "websocket", "websocket",
       with_listener(
           {{"Live connections", "respring_websocket_connections", "instance", "short"},
            {"From stored to queued for its readers", "respring_delivery_seconds", "", "s"},
            {"Bytes that connections have not taken", "respring_websocket_queue_bytes", "instance",
             "bytes"},
            {"Dropped for slow readers", "respring_websocket_dropped_total", "reason", "cps", true},
            {"Frames", "respring_websocket_frames_total", "direction", "cps"},
            {"Events queued to connections", "respring_websocket_events_total", "", "cps"},
            {"Slow readers left out", "respring_websocket_lag_total", "", "cps", true},
            {"Closed, by code", "respring_websocket_closed_total", "code", "cps", true},
            {"Gaps read from recent events", "respring_recent_events_total", "result", "cps", true},
            {"Refused by limits", "respring_rate_limited_total", "limit", "cps", true},
            {"Redis up", "respring_redis_up", "use", "short", true}})},
      {"shards",
       "shards",
       "",
       {{"Commit of a batch", "respring_batch_seconds", "shard", "s"},
        {"Writes per batch", "respring_batch_rows", "shard", "short"},
        {"Read of a shard", "respring_shard_read_seconds", "shard", "s"},
        {"Map by which a node writes", "respring_shard_map_version", "instance", "short"},
        {"Slots on their way", "respring_moves", "state", "short"},
        {"Rows copied by running moves", "respring_move_rows_copied", "", "short"},
        {"Age of the oldest running move", "respring_move_oldest_seconds", "", "s"},
        {"Events not published", "respring_outbox_rows", "shard", "short"},
        {"Oldest event not published", "respring_outbox_oldest_seconds", "shard", "s"},
        {"Who relays: 1, nobody: 0", "respring_relay_holder", "shard", "short"},
        {"Jobs that wait for a thread", "respring_pool_queued", "pool", "short", true}}},
      {"slo",
       "objectives",
       "",
       {{"Sends by outcome", "respring_sends_total", "result", "cps"},
        {"Requests by status", "respring_http_requests_total", "status", "reqps"}}},
  };
}

}  // namespace

const std::vector<Board>& boards() {
  static const std::vector<Board> kBoards = make();
  return kBoards;
}

}  // namespace respring::manifests
