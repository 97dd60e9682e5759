// Each rule of `manifests check` has a manifest that breaks it, and what is rendered breaks none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "ops/manifests/patch.h"
#include "respring/manifests/environments.h"
#include "respring/manifests/facts.h"

namespace respring::cmd {
namespace {

using manifests::Finding;
using manifests::Objects;

manifests::Input input_of(const std::string& environment) {
  std::ostringstream out;
  std::ostringstream err;
  Console console({}, out, err, false, false);
  auto input = load_environment(console, environment, {});
  EXPECT_TRUE(input) << err.str();
  return std::move(input).value();
}

/// As `check` reads them: rendered, written and composed again.
Objects rendered(const std::string& environment) {
  const auto files = manifests::kustomize_files(input_of(""), input_of(environment));
  auto composed = manifests::compose(files);
  EXPECT_TRUE(composed) << composed.error().detail;
  EXPECT_EQ(composed.value().size(), 1U);
  return std::move(composed).value().front().objects;
}

std::vector<std::string> findings_in(const Objects& objects) {
  std::vector<std::string> out;
  for (const Finding& f : manifests::check(objects, binary_facts(), binary_judges()))
    out.push_back(f.rule + ": " + f.object + ": " + f.what);
  return out;
}

TEST(ManifestRules, WhatIsRenderedBreaksNone) {
  for (const std::string& environment : environment_names()) {
    EXPECT_THAT(findings_in(rendered(environment)), testing::IsEmpty()) << environment;
  }
}

/// An object of prod, what is done to it, and the rule that must see it. An empty patch removes it;
/// one that is an object is put beside the others.
struct Break {
  std::string_view rule;
  std::string_view object;
  std::string patch;
  std::string environment = "prod";
};

constexpr std::string_view kPod = "/spec/template/spec";

const Break kBreaks[] = {
    {"restricted", "Deployment respring-gateway",
     R"([{"op":"replace","path":"POD/securityContext/runAsNonRoot","value":"false"}])"},
    {"restricted", "Deployment respring-gateway",
     R"([{"op":"remove","path":"POD/securityContext/seccompProfile"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/containers/0/securityContext/allowPrivilegeEscalation","value":"true"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/containers/0/securityContext/capabilities/drop","value":["NET_RAW"]}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/privileged","value":"true"}])"},
    {"restricted", "Deployment respring-room",
     R"([{"op":"add","path":"POD/hostNetwork","value":"true"}])"},
    {"restricted", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/volumes","value":[{"name":"h","hostPath":{"path":"/"}}]}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/runAsNonRoot","value":"false"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/runAsUser","value":"0"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/seccompProfile","value":{"type":"Unconfined"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/securityContext/runAsUser","value":"0"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/capabilities/add","value":["SYS_ADMIN"]}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/ports/0/hostPort","value":"8080"}])"},
    {"read-only-root", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/securityContext/readOnlyRootFilesystem","value":"false"}])"},
    {"no-token", "Deployment respring-room",
     R"([{"op":"remove","path":"POD/automountServiceAccountToken"}])"},
    {"no-token", "ServiceAccount respring-room", ""},
    {"probes", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/livenessProbe/httpGet/path","value":"/healthz"}])"},
    {"probes", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/readinessProbe/httpGet/port","value":"http"}])"},
    {"probes", "Deployment respring-room",
     R"([{"op":"remove","path":"POD/containers/0/startupProbe"}])"},
    {"ports", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/ports/1/containerPort","value":"9091"}])"},
    {"ports", "Service respring-room",
     R"([{"op":"replace","path":"/spec/ports/0/targetPort","value":"8081"}])"},
    {"grace", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/terminationGracePeriodSeconds","value":"29"}])"},
    {"resources", "Deployment respring-room",
     R"([{"op":"remove","path":"POD/containers/0/resources/limits"}])"},
    {"image", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/image","value":"registry:5000/respring"}])"},
    {"image", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/image","value":"respring:latest"}])"},
    {"mounts", "ConfigMap respring-room", ""},
    {"mounts", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/volumes/2/secret/secretName","value":"another"}])"},
    {"mounts", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/containers/0/volumeMounts/2/mountPath","value":"/run/secrets"}])"},
    {"mounts", "Deployment respring-user", R"([{"op":"remove","path":"POD/containers/0/env"}])"},
    {"mounts", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/containers/0/volumeMounts/0/mountPath","value":"/etc/chat"}])"},
    {"default-deny", "NetworkPolicy respring-deny", ""},
    {"default-deny", "NetworkPolicy respring-search", ""},
    {"network-edge", "NetworkPolicy respring-room", R"([{"op":"remove","path":"/spec/ingress"}])"},
    {"network-edge", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/1/to/0/podSelector/matchLabels/app.kubernetes.io~1component","value":"notification"}])"},
    {"network-edge", "NetworkPolicy respring-message",
     R"([{"op":"remove","path":"/spec/ingress/0/from"}])"},
    {"network-edge", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/0/from","value":[{"podSelector":{}}]}])"},
    {"network-edge", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/0/from","value":[{"namespaceSelector":{}}]}])"},
    {"network-edge", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/0/from/0","value":{"ipBlock":{"cidr":"10.0.0.0/8"}}}])"},
    {"network-edge", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/0/from/0","value":{"podSelector":{"matchLabels":{"app":"x"}}}}])"},
    {"network-edge", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":"8081"}])"},
    {"network-edge", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/ingress/0/from","value":[]}])"},
    {"network-edge", "NetworkPolicy respring-user",
     R"([{"op":"replace","path":"/spec/egress/0","value":{}}])"},
    {"network-edge", "NetworkPolicy respring-operator",
     R"([{"op":"replace","path":"/spec/egress/0/to","value":[{"podSelector":{}}]}])"},
    {"network-edge", "NetworkPolicy extra", R"({"kind":"NetworkPolicy","metadata":{"name":"extra"},
     "spec":{"podSelector":{},"policyTypes":["Ingress","Egress"],"ingress":[{}],"egress":[{}]}})"},
    {"network-edge", "NetworkPolicy extra", R"({"kind":"NetworkPolicy","metadata":{"name":"extra"},
     "spec":{"podSelector":{"matchExpressions":[{"key":"app.kubernetes.io/component","operator":"In",
     "values":["message"]}]},"ingress":[{"from":[{"podSelector":{"matchExpressions":[{"key":
     "app.kubernetes.io/component","operator":"Exists"}]}}],"ports":[{"port":"8000","endPort":"9000"}]}]}})"},
    {"network-server", "NetworkPolicy respring-message",
     R"([{"op":"replace","path":"/spec/egress","value":[]}])"},
    {"network-server", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/2/ports/0/port","value":"9"}])"},
    {"network-server", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/2/ports/0/protocol","value":"UDP"}])"},
    {"network-server", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/2/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name","value":"reddis"}])"},
    {"network-server", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/3/ports/0/port","value":"4317"}])"},
    {"network-server", "NetworkPolicy respring-gateway",
     R"([{"op":"replace","path":"/spec/egress/0/ports/0/protocol","value":"TCP"}])"},
    {"network-server", "NetworkPolicy respring-operator",
     R"([{"op":"replace","path":"/spec/egress","value":[]}])"},
    {"network-server", "ConfigMap respring-operator",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"stores: {shards: [{name: a, dsn: 'mysql://u@a.mysql:3307/a'}]}"}])"},
    {"network-server", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"stores: {room: 'mysql://u@meta.mysql:3306/a'}"}])"},
    {"network-server", "NetworkPolicy respring-mysql",
     R"([{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":"3307"}])", "dev"},
    {"network-server", "NetworkPolicy respring-mysql",
     R"([{"op":"replace","path":"/spec/ingress/0/from/1/podSelector/matchLabels/app.kubernetes.io~1component","value":"gateway"}])",
     "dev"},
    {"restricted", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/securityContext/runAsNonRoot","value":"false"}])"},
    {"read-only-root", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem","value":"false"}])"},
    {"no-token", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/template/spec/automountServiceAccountToken"}])"},
    {"resources", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/template/spec/containers/0/resources/limits"}])"},
    {"image", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/containers/0/image","value":"respring"}])"},
    {"mounts", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/volumes/0/configMap/name","value":"another"}])"},
    {"command", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/jobTemplate/spec/template/spec/containers/0/args","value":["archive","run","--older","365d"]}])"},
    {"schedule", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/schedule","value":"every night"}])"},
    {"schedule", "CronJob respring-archive", R"([{"op":"remove","path":"/spec/timeZone"}])"},
    {"schedule", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/concurrencyPolicy","value":"Replace"}])"},
    {"schedule", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/startingDeadlineSeconds"}])"},
    {"schedule", "CronJob respring-archive",
     R"([{"op":"replace","path":"/spec/failedJobsHistoryLimit","value":"100"}])"},
    {"schedule", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/successfulJobsHistoryLimit"}])"},
    {"job", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/activeDeadlineSeconds"}])"},
    {"job", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/backoffLimit"}])"},
    {"job", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/podFailurePolicy"}])"},
    {"job", "Job respring-move", R"([{"op":"remove","path":"/spec/activeDeadlineSeconds"}])"},
    {"job", "Job respring-move",
     R"([{"op":"replace","path":"/spec/backoffLimit","value":"1000"}])"},
    {"job", "Job respring-move", R"([{"op":"remove","path":"/spec/podFailurePolicy"}])"},
    {"job", "Job respring-move",
     R"([{"op":"replace","path":"/spec/podFailurePolicy/rules/0/onExitCodes/values","value":["64","78"]}])"},
    {"job", "Job respring-move",
     R"([{"op":"replace","path":"/spec/podFailurePolicy/rules/0/action","value":"Count"}])"},
    {"job", "Job respring-move",
     R"([{"op":"replace","path":"POD/restartPolicy","value":"OnFailure"}])"},
    {"labels", "Deployment respring-room",
     R"([{"op":"remove","path":"/spec/template/metadata/labels/app.kubernetes.io~1part-of"}])"},
    {"network-server", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/egress/0/to/0/namespaceSelector","value":{}}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/ingressClassName","value":"traefik"}])"},
    {"network-server", "NetworkPolicy respring-message",
     R"([{"op":"replace","path":"/spec/egress/2/ports/0/port","value":"9"}])"},
    {"ingress", "Ingress respring", R"([{"op":"remove","path":"/metadata/annotations"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"nobody"}])"},
    {"budget", "PodDisruptionBudget respring-gateway", ""},
    {"budget", "PodDisruptionBudget respring-gateway",
     R"([{"op":"replace","path":"/spec/maxUnavailable","value":"0"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-gateway",
     R"([{"op":"replace","path":"/spec/minReplicas","value":"13"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-gateway",
     R"([{"op":"replace","path":"/spec/scaleTargetRef/name","value":"nobody"}])"},
    {"autoscaler", "Deployment respring-gateway",
     R"([{"op":"add","path":"/spec/replicas","value":"3"}])"},
    {"selector", "Deployment respring-room",
     R"([{"op":"replace","path":"/spec/selector/matchLabels/app.kubernetes.io~1component","value":"user"}])"},
    {"selector", "Service respring-room",
     R"([{"op":"replace","path":"/spec/selector/app.kubernetes.io~1name","value":"chat"}])"},
    {"selector", "Service respring-room",
     R"([{"op":"replace","path":"/spec/selector/app.kubernetes.io~1component","value":"user"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-gateway",
     R"([{"op":"replace","path":"/spec/scaleTargetRef/name","value":"respring-room"}])"},
    {"command", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/args","value":["serve","--role=user"]}])"},
    {"labels", "Service respring-room",
     R"([{"op":"remove","path":"/metadata/labels/app.kubernetes.io~1part-of"}])"},
    {"settings", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"listn: :80"}])"},
    {"settings", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"cluster: {key_fil: /x}"}])"},
    {"command", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/args","value":["serve","--role=rooms"]}])"},
    {"command", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/args","value":["serv"]}])"},
    {"restricted", "Job respring-move",
     R"([{"op":"replace","path":"POD/securityContext/runAsNonRoot","value":"false"}])"},
    {"command", "Job respring-move",
     R"([{"op":"replace","path":"POD/containers/0/args","value":["shard","mooove"]}])"},
    {"command", "Job respring-move",
     R"([{"op":"replace","path":"POD/containers/0/args","value":["shard","move","--slot","0","--to","shard-9"]}])"},
    {"secret", "ConfigMap respring-room", R"([{"op":"replace","path":"/kind","value":"Secret"}])"},
    {"secret", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/env","value":[{"name":"DB_PASSWORD","value":"hunter2"}]}])"},
    {"metric", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"replace","path":"/spec/metrics/1/pods/metric/name","value":"respring_sockets"}])"},
    {"metric", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data","value":{"board.json":"respring_nothing_total > 1"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/procMount","value":"Unmasked"}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/securityContext/sysctls","value":[{"name":"kernel.msgmax","value":"1"}]}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/securityContext/seLinuxOptions","value":{"type":"spc_t"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/securityContext/seLinuxOptions","value":{"user":"root"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/securityContext/appArmorProfile","value":{"type":"Unconfined"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/securityContext/windowsOptions","value":{"hostProcess":"true"}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"replace","path":"POD/volumes/1","value":{"name":"data","nfs":{"server":"n","path":"/"}}}])"},
    {"restricted", "Deployment respring-user",
     R"([{"op":"add","path":"POD/containers/0/livenessProbe/httpGet/host","value":"169.254.169.254"}])"},
    {"ports", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"listen: ':8081'"}])"},
    {"ports", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"admin_listen: '127.0.0.1:9090'"}])"},
    {"ports", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"peers: {user: 'http://respring-user:8081'}"}])"},
    {"ports", "Service respring-user", ""},
    {"service", "Service respring-room",
     R"([{"op":"add","path":"/spec/type","value":"NodePort"}])"},
    {"service", "Service respring-room",
     R"([{"op":"add","path":"/spec/externalIPs","value":["192.0.2.1"]}])"},
    {"grace", "Deployment respring-room",
     R"([{"op":"remove","path":"POD/containers/0/lifecycle"}])"},
    {"names", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/volumes/1/name","value":"config"}])"},
    {"names", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/volumeMounts/1/mountPath","value":"/etc/respring"}])"},
    {"names", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/volumeMounts/1/name","value":"nothing"}])"},
    {"names", "Deployment respring-room",
     R"([{"op":"add","path":"POD/volumes/1/name","value":"a-name-of-sixty-four-letters-is-one-letter-longer-than-can-be-here"}])"},
    {"names", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/ports/0/name","value":"a-name-too-long-here"}])"},
    {"names", "CronJob respring-archive",
     R"([{"op":"replace","path":"/metadata/name","value":"respring-archive-with-a-name-that-leaves-jobs-no-room"}])"},
    {"names", "ServiceAccount respring-room",
     R"({"kind":"ServiceAccount","metadata":{"name":"respring-room"}})"},
    {"budget", "PodDisruptionBudget respring-gateway",
     R"([{"op":"replace","path":"/spec/maxUnavailable","value":"0%"}])"},
    {"budget", "PodDisruptionBudget respring-gateway",
     R"([{"op":"replace","path":"/spec/maxUnavailable","value":"100%"}])"},
    {"budget", "PodDisruptionBudget respring-gateway",
     R"([{"op":"remove","path":"/spec/maxUnavailable"},{"op":"add","path":"/spec/minAvailable","value":"100%"}])"},
    {"budget", "PodDisruptionBudget respring-gateway",
     R"([{"op":"remove","path":"/spec/maxUnavailable"},{"op":"add","path":"/spec/minAvailable","value":"3"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"remove","path":"/spec/behavior"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"replace","path":"/spec/behavior/scaleDown/policies/0/value","value":"100"}])"},
    {"autoscaler", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"replace","path":"/spec/behavior/scaleDown/policies/1/periodSeconds","value":"1"}])"},
    {"spread", "Deployment respring-gateway",
     R"([{"op":"remove","path":"POD/topologySpreadConstraints"}])"},
    {"spread", "Deployment respring-gateway",
     R"([{"op":"replace","path":"POD/topologySpreadConstraints/0/labelSelector/matchLabels/app.kubernetes.io~1component","value":"room"}])"},
    {"rollout", "Deployment respring-gateway",
     R"([{"op":"remove","path":"/spec/template/metadata/annotations"}])"},
    {"rollout", "CronJob respring-archive",
     R"([{"op":"remove","path":"/spec/jobTemplate/spec/template/metadata/annotations"}])"},
    {"rollout", "ConfigMap respring-room",
     R"([{"op":"replace","path":"/data/respring.yaml","value":"listen: ':8080'"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-send-timeout","value":"1"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/rules/0/http/paths/0/path","value":"/v2/ws"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/rules/0/http/paths/0/pathType","value":"Exact"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/rules/0/http/paths/1/backend/service/port/name","value":"nope"}])"},
    {"ingress", "Ingress respring",
     R"([{"op":"replace","path":"/spec/rules/0/http/paths/1/backend/service/name","value":"respring-user"}])"},
    {"ingress", "Service respring-websocket", ""},
    {"secret", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/env","value":[{"name":"RESPRING_CLUSTER_KEY","value":"deadbeef"}]}])"},
    {"secret", "Deployment respring-room",
     R"([{"op":"replace","path":"POD/containers/0/env","value":[{"name":"RESPRING_BUS","value":"redis://:hunter2@redis:6379"}]}])"},
    {"secret", "ConfigMap respring-alloy",
     R"([{"op":"replace","path":"/data","value":{"config.alloy":"url = \"http://loki:hunter2@loki:3100\""}}])"},
    {"metric", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"replace","path":"/spec/metrics/1/pods/metric/name","value":"websocket_connections"}])"},
    {"metric", "HorizontalPodAutoscaler respring-websocket",
     R"([{"op":"replace","path":"/spec/metrics/0/resource/name","value":"cpus"}])"},
    {"metric", "ConfigMap respring-dashboard-slo",
     R"([{"op":"replace","path":"/data","value":{"b.json":"{\"panels\":[{\"targets\":[{\"expr\":\"max(process_nonsense{role=\\\"a\\\"}) by (pod)\"}]}]}"}}])"},
    {"metric", "PrometheusRule respring",
     R"([{"op":"replace","path":"/spec/groups/0/rules/0/expr","value":"rate(respring_delivery_seconds[5m]) > 1"}])"},
    {"scrape", "PodMonitor respring",
     R"([{"op":"replace","path":"/spec/podMetricsEndpoints/0/port","value":"nope"}])"},
    {"scrape", "PodMonitor respring",
     R"([{"op":"replace","path":"/spec/podMetricsEndpoints/0/path","value":"/nope"}])"},
    {"scrape", "PodMonitor respring",
     R"([{"op":"remove","path":"/spec/podMetricsEndpoints/0/relabelings"}])"},
    {"scrape", "PodMonitor respring",
     R"([{"op":"replace","path":"/spec/selector/matchExpressions/0/values","value":["gateway"]}])"},
    {"scrape", "PodMonitor respring", ""},
    {"scrape", "NetworkPolicy respring-room",
     R"([{"op":"replace","path":"/spec/ingress/1/ports/0/port","value":"9091"}])"},
};

std::string with_pod_path(std::string_view patch) {
  std::string text(patch);
  for (auto at = text.find("POD"); at != std::string::npos; at = text.find("POD", at))
    text.replace(at, 3, kPod);
  return text;
}

void damage(Objects& objects, const Break& one) {
  if (one.patch.starts_with('{')) {
    const auto added = json::parse(one.patch);
    ASSERT_TRUE(added) << one.patch;
    objects.push_back(added.value());
    return;
  }
  const auto at = std::ranges::find(objects, one.object, manifests::title_of);
  ASSERT_NE(at, objects.end()) << one.object;
  if (one.patch.empty()) {
    objects.erase(at);
    return;
  }
  const auto patch = json::parse(with_pod_path(one.patch));
  ASSERT_TRUE(patch) << one.patch;
  const auto applied = manifests::apply_patch(*at, patch.value());
  ASSERT_TRUE(applied) << one.patch << applied.error().detail;
}

TEST(ManifestRules, EachSeesWhatBreaksIt) {
  std::map<std::string, Objects> good;
  for (const std::string& environment : environment_names())
    good[environment] = rendered(environment);
  std::set<std::string_view> broken;
  for (const Break& one : kBreaks) {
    Objects objects = good[one.environment];
    damage(objects, one);
    EXPECT_THAT(findings_in(objects),
                testing::Contains(testing::StartsWith(std::string(one.rule) + ": ")))
        << one.rule << " does not see " << one.object << " " << one.patch;
    broken.insert(one.rule);
  }
  for (const manifests::Rule& rule : manifests::rules()) {
    EXPECT_TRUE(broken.contains(rule.name)) << "no manifest breaks " << rule.name;
  }
}

/// What `network-server` says when room's event log is at an address and its policy opens networks.
std::vector<std::string> with_networks(Objects objects, const std::string& bus,
                                       const std::string& to) {
  const std::string settings =
      "stores: {room: 'mysql://u@meta.mysql:3306/a'}\nbus: '" + bus + "'\n";
  damage(objects, {"", "ConfigMap respring-room",
                   R"([{"op":"replace","path":"/data/respring.yaml","value":)" +
                       json::dump(settings) + "}]"});
  damage(objects, {"", "NetworkPolicy respring-room",
                   R"([{"op":"replace","path":"/spec/egress/2/to","value":)" + to + "}]"});
  std::vector<std::string> found = findings_in(objects);
  std::erase_if(found, [](const std::string& f) { return !f.starts_with("network-server: "); });
  return found;
}

TEST(ManifestRules, ServersAreLookedForWhereTheirAddressesSay) {
  const Objects good = rendered("prod");
  const std::string network = R"([{"ipBlock":{"cidr":"10.1.2.0/23"}}])";
  EXPECT_THAT(with_networks(good, "kafka://10.1.3.4:9092", network), testing::IsEmpty());
  EXPECT_THAT(with_networks(good, "kafka://10.1.4.4:9092", network),
              testing::ElementsAre(testing::HasSubstr("bus at 10.1.4.4:9092")));
  EXPECT_THAT(with_networks(good, "kafka://10.1.3.4:9093", network),
              testing::ElementsAre(testing::HasSubstr("bus at 10.1.3.4:9093")));
  const std::string space =
      R"([{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kafka"}}}])";
  for (const char* host : {"a.kafka", "a.kafka.svc.cluster.local", "kafka.example.org", "kafka"})
    EXPECT_THAT(with_networks(good, std::string("kafka://") + host + ":9092", space),
                testing::IsEmpty());
  EXPECT_THAT(with_networks(good, "kafka://a.kafka:9092,b.kafak:9092", space),
              testing::ElementsAre(testing::HasSubstr("bus at b.kafak:9092")));
}

}  // namespace
}  // namespace respring::cmd
