// MySQL, Redis, Kafka and Elasticsearch for development: one pod each, no replication, no backup.
#include <algorithm>

#include "ops/manifests/objects.h"

namespace respring::manifests {
namespace {

using json::Array;
using json::Object;

/// One line per server: what differs between them.
struct Server {
  std::string name;
  std::string image;
  int port = 0;
  int user = 0;  ///< the image's own, not root
  std::string data;
  std::string memory;
  Array command;
  Array environment;
  std::vector<std::string> scratch = {};  ///< folders that it writes to besides `data`
  bool read_only = false;                 ///< else its image writes where it was unpacked
};

Object variable(const char* name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

Object secret_variable(const char* name, const std::string& secret) {
  return {{"name", name},
          {"valueFrom", Object{{"secretKeyRef", Object{{"name", secret}, {"key", "password"}}}}}};
}

Server mysql(const Input& in) {
  return {"mysql",
          in.values.servers.mysql_image,
          3306,
          999,
          "/var/lib/mysql",
          "1024Mi",
          {},
          {secret_variable("MYSQL_ROOT_PASSWORD", in.values.secrets.databases),
           variable("MYSQL_USER", "respring"),
           secret_variable("MYSQL_PASSWORD", in.values.secrets.databases)},
          {"/tmp", "/var/run/mysqld"},
          true};
}

Server redis(const Input& in) {
  std::string start = "exec redis-server --save '' --appendonly no";
  Array environment;
  if (!in.values.secrets.redis.empty()) {
    start += " --requirepass \"$REDIS_PASSWORD\"";
    environment.emplace_back(secret_variable("REDIS_PASSWORD", in.values.secrets.redis));
  }
  return {"redis",
          in.values.servers.redis_image,
          6379,
          999,
          "/data",
          "256Mi",
          {"sh", "-c", start},
          std::move(environment),
          {},
          true};
}

Server kafka(const Input& in) {
  const std::string host = "respring-kafka";
  return {
      "kafka",
      in.values.servers.kafka_image,
      9092,
      1000,
      "/var/lib/kafka/data",
      "1024Mi",
      {},
      {variable("KAFKA_NODE_ID", "1"), variable("KAFKA_PROCESS_ROLES", "broker,controller"),
       variable("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093"),
       variable("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://" + host + ":9092"),
       variable("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
       variable("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
       variable("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
       variable("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
       variable("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
       variable("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
       variable("KAFKA_LOG_DIRS", "/var/lib/kafka/data/log"),
       variable("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")}};
}

Server search(const Input& in) {
  const bool login = !in.values.secrets.search.empty();
  Array environment = {variable("discovery.type", "single-node"),
                       variable("xpack.security.enabled", login ? "true" : "false"),
                       variable("ES_JAVA_OPTS", "-Xms768m -Xmx768m")};
  // Of the user `elastic`; others are made by hand.
  if (login)
    environment.emplace_back(secret_variable("ELASTIC_PASSWORD", in.values.secrets.search));
  // Korean needs the plugin analysis-nori, which the image does not bring.
  const char* start =
      "bin/elasticsearch-plugin list | grep -q analysis-nori || "
      "bin/elasticsearch-plugin install --batch analysis-nori; exec bin/elasticsearch";
  return {"elasticsearch",
          in.values.servers.search_image,
          9200,
          1000,
          "/usr/share/elasticsearch/data",
          "1536Mi",
          {"sh", "-c", start},
          std::move(environment)};
}

std::string full_name(const Server& server) { return "respring-" + server.name; }

/// Creates the databases that the settings name, and lets the user at them.
std::string databases_sql(const Input& in) {
  std::string sql;
  for (const config::Effective& setting : in.settings.values) {
    if (!setting.text.starts_with("mysql://")) continue;
    const std::string database = setting.text.substr(setting.text.rfind('/') + 1);
    sql += "CREATE DATABASE IF NOT EXISTS `" + database +
           "` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\n"
           "GRANT ALL ON `" +
           database + "`.* TO 'respring'@'%';\n";
  }
  return sql;
}

/// `scratch-var-run-mysqld`.
std::string scratch_name(std::string folder) {
  std::ranges::replace(folder, '/', '-');
  return "scratch" + folder;
}

Object container(const Server& server) {
  Array mounts = {Object{{"name", "data"}, {"mountPath", server.data}}};
  for (const std::string& folder : server.scratch)
    mounts.emplace_back(Object{{"name", scratch_name(folder)}, {"mountPath", folder}});
  if (server.name == "mysql")
    mounts.emplace_back(
        Object{{"name", "init"}, {"mountPath", "/docker-entrypoint-initdb.d"}, {"readOnly", true}});
  const Object tcp = {
      {"tcpSocket", Object{{"port", "server"}}}, {"periodSeconds", 5}, {"failureThreshold", 60}};
  Object out = {{"name", server.name}, {"image", server.image}};
  if (!server.command.empty()) out.emplace_back("command", server.command);
  if (!server.environment.empty()) out.emplace_back("env", server.environment);
  out.emplace_back("ports", Array{Object{{"name", "server"}, {"containerPort", server.port}}});
  out.emplace_back("startupProbe", tcp);
  out.emplace_back("livenessProbe", Object{{"tcpSocket", Object{{"port", "server"}}},
                                           {"periodSeconds", 20},
                                           {"timeoutSeconds", 5},
                                           {"failureThreshold", 6}});
  out.emplace_back("readinessProbe", Object{{"tcpSocket", Object{{"port", "server"}}}});
  out.emplace_back("resources",
                   Object{{"requests", Object{{"cpu", "100m"}, {"memory", server.memory}}},
                          {"limits", Object{{"memory", server.memory}}}});
  out.emplace_back("volumeMounts", std::move(mounts));
  out.emplace_back("securityContext", container_security(server.read_only));
  return out;
}

json::Value stateful_set(const Input& in, const Server& server) {
  Object spec = {
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", Object{{"runAsNonRoot", true},
                                 {"runAsUser", server.user},
                                 {"runAsGroup", server.user},
                                 {"fsGroup", server.user},
                                 {"seccompProfile", Object{{"type", "RuntimeDefault"}}}}},
      {"containers", Array{container(server)}}};
  Array volumes;
  Object metadata = {{"labels", labels(in, server.name)}};
  for (const std::string& folder : server.scratch)
    volumes.emplace_back(Object{{"name", scratch_name(folder)}, {"emptyDir", Object{}}});
  if (server.name == "mysql") {
    volumes.emplace_back(
        Object{{"name", "init"}, {"configMap", Object{{"name", full_name(server)}}}});
    metadata.emplace_back("annotations",
                          Object{{"respring/config-hash", fingerprint(databases_sql(in))}});
  }
  if (!volumes.empty()) spec.emplace_back("volumes", std::move(volumes));
  const Object claim = {
      {"metadata", Object{{"name", "data"}}},
      {"spec", Object{{"accessModes", Array{"ReadWriteOnce"}},
                      {"resources",
                       Object{{"requests",
                               Object{{"storage", memory_text(in.values.servers.storage)}}}}}}}};
  Object out = object(in, "apps/v1", "StatefulSet", full_name(server), server.name);
  out.emplace_back(
      "spec",
      Object{{"serviceName", full_name(server)},
             {"replicas", 1},
             {"selector", Object{{"matchLabels", selector(server.name)}}},
             {"template", Object{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}}},
             {"volumeClaimTemplates", Array{claim}}});
  return out;
}

json::Value headless(const Input& in, const Server& server) {
  Object out = object(in, "v1", "Service", full_name(server), server.name);
  out.emplace_back("spec",
                   Object{{"clusterIP", "None"},
                          {"selector", selector(server.name)},
                          {"ports", Array{Object{{"name", "server"}, {"port", server.port}}}}});
  return out;
}

/// Roles that use the server reach it, and operators' jobs; only the search engine goes out, for
/// its plugin.
json::Value policy(const Input& in, const Server& server,
                   const std::vector<std::string>& prefixes) {
  Array from = {Object{{"podSelector", Object{{"matchLabels", selector("operator")}}}}};
  for (const RoleFacts& role : in.facts.roles) {
    bool uses = false;
    for (const std::string& used : role.uses) {
      for (const std::string& prefix : prefixes) uses = uses || used.starts_with(prefix);
    }
    if (uses)
      from.emplace_back(Object{{"podSelector", Object{{"matchLabels", selector(role.name)}}}});
  }
  Object spec = {
      {"podSelector", Object{{"matchLabels", selector(server.name)}}},
      {"policyTypes", Array{"Ingress", "Egress"}},
      {"ingress",
       Array{Object{{"from", std::move(from)},
                    {"ports", Array{Object{{"protocol", "TCP"}, {"port", "server"}}}}}}}};
  if (server.name == "elasticsearch") spec.emplace_back("egress", Array{Object{}});
  Object out = object(in, "networking.k8s.io/v1", "NetworkPolicy", full_name(server), server.name);
  out.emplace_back("spec", std::move(spec));
  return out;
}

}  // namespace

void add_servers(const Input& in, Objects& out) {
  const std::pair<Server, std::vector<std::string>> servers[] = {{mysql(in), {"stores."}},
                                                                 {redis(in), {"redis."}},
                                                                 {kafka(in), {"bus"}},
                                                                 {search(in), {"search"}}};
  for (const auto& [server, prefixes] : servers) {
    if (server.name == "mysql")
      out.push_back(
          config_map(in, full_name(server), server.name, "respring.sql", databases_sql(in)));
    out.push_back(headless(in, server));
    out.push_back(stateful_set(in, server));
    out.push_back(policy(in, server, prefixes));
  }
}

}  // namespace respring::manifests
