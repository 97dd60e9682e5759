#include "ops/manifests/values.h"

#include <algorithm>

#include "ops/manifests/monitoring_values.h"
#include "ops/manifests/schedule.h"
#include "ops/manifests/value_checks.h"

namespace respring::manifests {
namespace {

using config::Registry;

void declare_access(Registry& r, Values& v) {
  r.add("ingress.enabled", &v.ingress.enabled, "Whether there is an Ingress.");
  r.add("ingress.host", &v.ingress.host, "Where people reach the service.",
        {.example = "chat.example.org", .check = check_host});
  r.add("ingress.class", &v.ingress.ingress_class, "IngressClass.", {.check = check_name});
  r.add("ingress.tls_secret", &v.ingress.tls_secret, "Secret with the certificate; empty: no TLS.",
        {.check = check_optional_name});
  r.add("ingress.controller_namespace", &v.ingress.controller_namespace,
        "Namespace of the ingress controller; its pods alone reach the public port.",
        {.check = check_name});
  r.add("ingress.proxies", &v.ingress.proxies,
        "Networks of the ingress controller's pods: their X-Forwarded-For is believed.",
        {.example = "10.244.0.0/16", .check = check_proxies});
  r.add("ingress.annotations", &v.ingress.annotations,
        "Annotations of the Ingress, each NAME=VALUE: what a controller that is not ingress-nginx "
        "needs for WebSockets that are silent for ingress.idle_seconds.",
        {.example = "haproxy.org/timeout-tunnel=1h", .check = check_annotation});
  r.add("ingress.idle_seconds", &v.ingress.idle_seconds,
        "Seconds a WebSocket may be silent before the ingress ends it.", {.min = 60, .max = 86400});
  r.require([&v]() -> std::optional<Registry::Blame> {
    if (!v.ingress.enabled || !v.ingress.host.empty()) return std::nullopt;
    return Registry::Blame{"ingress.host", "is missing; or set ingress.enabled: false"};
  });
}

void declare_secret_of(Registry& r, SecretValues::Of& of) {
  r.add("name", &of.name, "meta, user, room, notification, or a shard's name.",
        {.check = check_name});
  r.add("secret", &of.secret, "Secret with the key password.", {.check = check_name});
}

void declare_secrets(Registry& r, SecretValues& s) {
  r.add("secrets.cluster", &s.cluster, "Secret with the key of the cluster (key: key).",
        {.check = check_name});
  r.add("secrets.previous_cluster", &s.previous_cluster,
        "Secret with the key before, while it is being replaced.", {.check = check_optional_name});
  r.add("secrets.databases", &s.databases, "Secret of every database that has none of its own.",
        {.check = check_optional_name});
  r.add("secrets.redis", &s.redis, "Secret with Redis' password; empty: it has none.",
        {.check = check_optional_name});
  r.add("secrets.search", &s.search, "Secret with the search engine's password; empty: none.",
        {.check = check_optional_name});
  r.add("secrets.blobs", &s.blobs,
        "Secret with the key of the bucket in config.blobs (key: secret_key); empty: no bucket.",
        {.check = check_optional_name});
  r.add_list("secrets.each", &s.each, "Databases with a Secret of their own.", declare_secret_of);
}

void declare_network(Registry& r, NetworkValues& n) {
  const std::tuple<const char*, std::vector<std::string>*, const char*> places[] = {
      {"databases", &n.databases, "Where MySQL is: networks, or 'namespace NAME'."},
      {"redis", &n.redis, "Where Redis is."},
      {"kafka", &n.kafka, "Where Kafka is."},
      {"search", &n.search, "Where the search engine is."},
      {"blobs", &n.blobs, "Where the bucket of config.blobs is."},
      {"tracing", &n.tracing, "Where the collector of traces is."}};
  for (const auto& [name, target, doc] : places) {
    r.add(std::string("network.") + name, target, doc,
          {.example = "10.0.0.0/16", .check = check_place});
  }
}

void declare_servers(Registry& r, ServerValues& s) {
  r.add("servers.enabled", &s.enabled,
        "Plain StatefulSets of MySQL, Redis, Kafka and Elasticsearch, for development.");
  r.add("servers.storage", &s.storage, "Disk of each.", {.min = 64LL << 20, .max = 1LL << 44});
  r.add("servers.mysql_image", &s.mysql_image, "Image of MySQL 8.", {.check = check_image});
  r.add("servers.redis_image", &s.redis_image, "Image of Redis.", {.check = check_image});
  r.add("servers.kafka_image", &s.kafka_image, "Image of Kafka (KRaft).", {.check = check_image});
  r.add("servers.search_image", &s.search_image, "Image of Elasticsearch.", {.check = check_image});
}

void declare_monitoring(Registry& r, MonitoringValues& m) {
  r.add("monitoring.enabled", &m.enabled,
        "PodMonitor, PrometheusRule and dashboards (needs the Prometheus operator's kinds).");
  r.add("monitoring.prometheus_namespace", &m.prometheus_namespace,
        "Namespace whose pods may read the admin port.", {.check = check_name});
  r.add("monitoring.interval_seconds", &m.interval_seconds, "Seconds between two scrapes.",
        {.min = 5, .max = 300});
  r.add("monitoring.labels", &m.labels,
        "NAME=VALUE: by what your Prometheus chooses PodMonitors and PrometheusRules.",
        {.example = "release=kube-prometheus-stack", .check = check_label});
  r.add("monitoring.runbook_url", &m.runbook_url,
        "Where people on call read docs/operations.md; alerts link to its sections.",
        {.check = check_runbook});
  r.add("monitoring.loki_url", &m.loki_url,
        "Where logs are pushed; empty: no configuration of what ships them.",
        {.example = "http://loki.monitoring:3100", .check = check_address});
  r.add("monitoring.log_agent", &m.log_agent,
        "What ships logs: Grafana Alloy, or an OpenTelemetry collector on each node.",
        {.choices = {"alloy", "collector"}});
}

void declare_archive(Registry& r, ArchiveValues& a) {
  r.add("archive.enabled", &a.enabled,
        "A CronJob that moves old messages to the bucket of config.blobs.");
  r.add("archive.schedule", &a.schedule, "When, as cron has it.", {.check = wrong_with_schedule});
  r.add("archive.time_zone", &a.time_zone, "Whose clock that is.",
        {.example = "Asia/Seoul", .check = check_time_zone});
  r.add("archive.older_than", &a.older_than, "Age from which messages are moved.",
        {.check = check_days});
  r.add("archive.deadline_seconds", &a.deadline_seconds,
        "Seconds until it is ended; the next one goes on where it was.",
        {.min = 600, .max = 86'400});
  r.add("archive.cpu_millis", &a.cpu_millis, "CPU request in thousandths of a core.",
        {.min = 10, .max = 64'000});
  r.add("archive.memory", &a.memory, "Memory, request and limit.",
        {.min = 64LL << 20, .max = 1LL << 40});
}

void declare_role(Registry& r, const RoleFacts& role, RoleValues& v) {
  const std::string at = "roles." + role.name + ".";
  r.add(at + "replicas", &v.replicas, "Pods at least; 0: the role does not run.",
        {.min = 0, .max = 1000});
  r.add(at + "most_replicas", &v.most_replicas,
        "Pods at most; above replicas there is a HorizontalPodAutoscaler.",
        {.min = 0, .max = 1000});
  r.add(at + "cpu_percent", &v.cpu_percent, "CPU of the request that makes it scale.",
        {.min = 10, .max = 95});
  if (role.keeps_sockets) {
    r.add(at + "connections", &v.connections,
          "Live WebSockets per pod that make it scale; 0: CPU alone.",
          {.min = 0, .max = 1'000'000});
  }
  r.add(at + "cpu_millis", &v.cpu_millis, "CPU request in thousandths of a core.",
        {.min = 10, .max = 64'000});
  r.add(at + "memory", &v.memory, "Memory, request and limit.",
        {.min = 64LL << 20, .max = 1LL << 40});
  r.require([at, &v]() -> std::optional<Registry::Blame> {
    if (v.most_replicas == 0 || v.most_replicas >= v.replicas) return std::nullopt;
    return Registry::Blame{at + "most_replicas",
                           "is below " + at + "replicas (" + std::to_string(v.replicas) + ")"};
  });
  r.require([at, &v]() -> std::optional<Registry::Blame> {
    if (v.most_replicas == 0 || v.replicas > 0) return std::nullopt;
    return Registry::Blame{at + "most_replicas", "needs " + at + "replicas of 1 at least"};
  });
  r.require([at, &v]() -> std::optional<Registry::Blame> {
    if (v.connections == 0 || v.most_replicas > v.replicas) return std::nullopt;
    return Registry::Blame{at + "connections",
                           "needs an autoscaler: " + at + "most_replicas above replicas"};
  });
}

}  // namespace

const RoleFacts* find_role(const BinaryFacts& facts, const std::string& name) {
  const auto at = std::ranges::find(facts.roles, name, &RoleFacts::name);
  return at == facts.roles.end() ? nullptr : &*at;
}

void declare(Registry& r, Values& v, const BinaryFacts& facts) {
  r.add("namespace", &v.name_space, "Namespace of everything.", {.check = check_name});
  r.add("image.name", &v.image.name, "Image without its tag.", {.check = check_image_name});
  r.add("image.tag", &v.image.tag, "Tag; empty: the version of the binary that renders.",
        {.check = check_tag});
  r.add("image.digest", &v.image.digest,
        "Digest, written behind the tag: this image and no other, whatever the tag becomes.",
        {.check = check_digest});
  r.add("image.pull_policy", &v.image.pull_policy, "When the image is fetched.",
        {.choices = {"IfNotPresent", "Always", "Never"}});
  r.add("image.pull_secret", &v.image.pull_secret, "Secret of the registry; empty: none.",
        {.check = check_optional_name});
  declare_access(r, v);
  declare_secrets(r, v.secrets);
  declare_network(r, v.network);
  declare_servers(r, v.servers);
  declare_monitoring(r, v.monitoring);
  declare_archive(r, v.archive);
  r.add("shutdown.leave_seconds", &v.shutdown.leave_seconds,
        "Seconds between the end's announcement and SIGTERM, so that nobody sends more.",
        {.min = 1, .max = 60});
  r.add("shutdown.grace_seconds", &v.shutdown.grace_seconds,
        "Seconds until a pod is killed; more than leaving and draining take.",
        {.min = 1, .max = 600});
  for (const RoleFacts& role : facts.roles) declare_role(r, role, v.roles[role.name]);
}

}  // namespace respring::manifests
