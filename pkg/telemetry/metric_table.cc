#include "telemetry/metrics.h"

namespace respring::metrics {
namespace {

const std::vector<double> kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,   0.25,   0.5,   1,    2.5,   10};
const std::vector<double> kRows = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

using enum Kind;

// One line per metric, by part of the process. A label's values come from a small fixed set: a
// route's pattern, a shard's name, a result; never an id or a text.
const std::vector<Declaration> kTable = {
    {"respring_build_info",
     gauge,
     "Always 1; the labels say what is running.",
     {"version", "commit"},
     {}},
    {"respring_log_lines_total", counter, "Lines logged as warn or error.", {"level"}, {}},

    {"respring_spans_total", counter, "Spans handed to the collector or dropped.", {"result"}, {}},

    // HTTP
    {"respring_http_requests_total",
     counter,
     "Answered requests by route and status class.",
     {"route", "method", "status"},
     {}},
    {"respring_http_request_seconds",
     histogram,
     "From the last byte of the request's head to the answer.",
     {"route"},
     kSeconds},
    {"respring_http_connections", gauge, "Open connections of a listener.", {"listener"}, {}},
    {"respring_http_refused_total",
     counter,
     "Connections and requests refused before a route saw them.",
     {"reason"},
     {}},
    {"respring_rate_limited_total",
     counter,
     "Requests and frames refused by a limit.",
     {"limit"},
     {}},

    // WebSocket
    {"respring_websocket_connections", gauge, "Live authenticated connections.", {}, {}},
    {"respring_websocket_tunnels", gauge, "WebSockets that the gateway hands on.", {}, {}},
    {"respring_peer_failures_total",
     counter,
     "Calls to another role's process that got no answer.",
     {"peer"},
     {}},
    {"respring_websocket_frames_total",
     counter,
     "Text frames received and sent.",
     {"direction"},
     {}},
    {"respring_websocket_events_total", counter, "Events queued to connections.", {}, {}},
    {"respring_recent_events_total",
     counter,
     "Gaps and resumed rooms asked of the recent events first: hit, miss, failed.",
     {"result"},
     {}},
    {"respring_websocket_lag_total",
     counter,
     "Times a slow connection had events left out.",
     {},
     {}},
    {"respring_websocket_closed_total", counter, "Closed connections by close code.", {"code"}, {}},

    // Messages and stores
    {"respring_sends_total",
     counter,
     "Sends by outcome: stored, duplicate, refused, failed.",
     {"result"},
     {}},
    {"respring_batch_rows", histogram, "Writes that shared one transaction.", {"shard"}, kRows},
    {"respring_batch_seconds",
     histogram,
     "Time of one transaction of a shard's writer.",
     {"shard"},
     kSeconds},
    {"respring_outbox_rows", gauge, "Events not yet handed to the bus.", {"shard"}, {}},
    {"respring_outbox_oldest_seconds",
     gauge,
     "Age of the oldest event not yet handed to the bus.",
     {"shard"},
     {}},
    {"respring_relay_holder", gauge, "1 where this node relays the shard.", {"shard"}, {}},
    {"respring_shard_map_version", gauge, "The shard map by which this node writes.", {}, {}},
    {"respring_bus_lag", gauge, "Events a consumer group has not yet handled.", {"group"}, {}},
    {"respring_bus_dead_letters_total",
     counter,
     "Events that a consumer gave up (respring events dlq).",
     {"group"},
     {}},
    {"respring_bus_failures_total",
     counter,
     "Events a consumer could not handle at once.",
     {"group"},
     {}},
    {"respring_pool_queued", gauge, "Jobs that wait for a thread.", {"pool"}, {}},
    {"respring_pool_refused_total",
     counter,
     "Jobs refused because a queue was full.",
     {"pool"},
     {}},

    // Redis. `use` is the word of the settings: pubsub, sessions, …
    {"respring_redis_up", gauge, "1 while the connection stands.", {"use"}, {}},
    {"respring_redis_losses_total", counter, "Connections that broke.", {"use"}, {}},
    {"respring_shared_sessions_total",
     counter,
     "Tokens looked up in the nodes' common memory: hit, miss, ended (after asking), failed.",
     {"result"},
     {}},
    {"respring_session_ends_late_total",
     counter,
     "Ends of sessions that the common memory could not be told at once.",
     {},
     {}},
    {"respring_redis_dropped_total",
     counter,
     "Live messages that were not handed to Redis; their readers catch up from the log.",
     {},
     {}},

    // The search engine, where there is one
    {"respring_search_engine_seconds",
     histogram,
     "Time of a search, or of a write with its repetitions.",
     {"operation"},
     kSeconds},
    {"respring_search_engine_documents_total",
     counter,
     "Documents sent to the index: stored, older, busy (sent again), refused.",
     {"result"},
     {}},

    // Kafka
    {"respring_kafka_records_total",
     counter,
     "Records handed to Kafka: stored, failed.",
     {"result"},
     {}},

    // The process, under the names that every dashboard knows
    {"process_resident_memory_bytes", gauge, "Memory in RAM.", {}, {}},
    {"process_open_fds", gauge, "Open file descriptors.", {}, {}},
    {"process_max_fds", gauge, "Most file descriptors there may be.", {}, {}},
    {"process_threads", gauge, "Threads.", {}, {}},
    {"process_cpu_seconds_total", counter, "CPU time used, user and system.", {}, {}},
    {"process_start_time_seconds", gauge, "When the process started, since 1970.", {}, {}},
};

}  // namespace

const std::vector<Declaration>& table() { return kTable; }

}  // namespace respring::metrics
