#pragma once

#include <map>

#include "config/load.h"
#include "ops/manifests/facts.h"

/// What an environment says about its cluster (manifests/*.yaml). Declared like settings: bounds,
/// explanations and the nearest known name come from the declaration.
namespace respring::manifests {

struct ImageValues {
  std::string name = "respring";
  std::string tag;     ///< empty: the binary's version
  std::string digest;  ///< `sha256:…`; empty: whatever the tag is
  std::string pull_policy = "IfNotPresent";
  std::string pull_secret;
};

struct IngressValues {
  bool enabled = true;
  std::string host;
  std::string ingress_class = "nginx";
  std::string tls_secret;
  std::string controller_namespace = "ingress-nginx";
  std::vector<std::string> proxies;
  std::vector<std::string> annotations;  ///< NAME=VALUE
  int idle_seconds = 3600;
};

/// Names of Secrets; nothing here is secret. Keys in them: `key` of the cluster,
/// `secret_key` of the blob store, `password` else.
struct SecretValues {
  std::string cluster = "respring-cluster";
  std::string previous_cluster;
  std::string databases;
  std::string redis;
  std::string search;
  std::string blobs;
  struct Of {
    std::string name;  ///< meta, user, room, notification or a shard's name
    std::string secret;
  };
  std::vector<Of> each;  ///< databases with a Secret of their own
};

/// Where servers are, for NetworkPolicies, which know no names: `namespace NAME` or a CIDR.
struct NetworkValues {
  std::vector<std::string> databases;
  std::vector<std::string> redis;
  std::vector<std::string> kafka;
  std::vector<std::string> search;
  std::vector<std::string> blobs;
  std::vector<std::string> tracing;
};

/// MySQL, Redis, Kafka and Elasticsearch as plain StatefulSets, for development.
struct ServerValues {
  bool enabled = false;
  config::Bytes storage{1LL << 30};
  std::string mysql_image = "mysql:8.0";
  std::string redis_image = "redis:7";
  std::string kafka_image = "apache/kafka:4.1.0";
  std::string search_image = "elasticsearch:7.17.29";
};

struct MonitoringValues {
  bool enabled = true;
  std::string prometheus_namespace = "monitoring";
  int interval_seconds = 15;
  std::vector<std::string> labels;  ///< NAME=VALUE
  std::string runbook_url = "file:///usr/share/doc/respring/operations.md";
  std::string loki_url;
  std::string log_agent = "alloy";  ///< what reads logs: alloy, collector
};

/// The CronJob that moves old messages to the blob store.
struct ArchiveValues {
  bool enabled = false;
  std::string schedule = "17 18 * * *";
  std::string time_zone = "Etc/UTC";
  std::string older_than = "365d";
  int deadline_seconds = 6 * 3600;
  int cpu_millis = 200;
  config::Bytes memory{512LL << 20};
};

struct ShutdownValues {
  int leave_seconds = 5;  ///< between "terminating" and SIGTERM: load balancers notice
  int grace_seconds = 40;
};

struct RoleValues {
  int replicas = 1;
  int most_replicas = 0;  ///< above replicas: a HorizontalPodAutoscaler
  int cpu_percent = 70;
  int connections = 0;  ///< per pod, of live WebSockets; 0: by CPU alone
  int cpu_millis = 100;
  config::Bytes memory{256LL << 20};
};

struct Values {
  std::string name_space = "respring";
  ImageValues image;
  IngressValues ingress;
  SecretValues secrets;
  NetworkValues network;
  ServerValues servers;
  MonitoringValues monitoring;
  ArchiveValues archive;
  ShutdownValues shutdown;
  std::map<std::string, RoleValues> roles;  ///< by name
};

/// Binds every value. `facts` says which roles there are.
void declare(config::Registry& registry, Values& values, const BinaryFacts& facts);

}  // namespace respring::manifests
