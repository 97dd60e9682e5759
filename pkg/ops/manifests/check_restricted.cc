// Kubernetes' restricted profile (kubernetes.io/docs/concepts/security/pod-security-standards), in
// its order, which holds the baseline profile's rules, too.
#include <algorithm>
#include <array>

#include "ops/manifests/check.h"

namespace respring::manifests {
namespace {

using json::Value;

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& all, const std::string& text) {
  return std::ranges::find(all, text) != all.end();
}

constexpr std::array<std::string_view, 8> kVolumes = {
    "configMap", "csi",   "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret"};
constexpr std::array<std::string_view, 12> kSysctls = {"kernel.shm_rmid_forced",
                                                       "net.ipv4.ip_local_port_range",
                                                       "net.ipv4.ip_unprivileged_port_start",
                                                       "net.ipv4.tcp_syncookies",
                                                       "net.ipv4.ping_group_range",
                                                       "net.ipv4.ip_local_reserved_ports",
                                                       "net.ipv4.tcp_keepalive_time",
                                                       "net.ipv4.tcp_fin_timeout",
                                                       "net.ipv4.tcp_keepalive_intvl",
                                                       "net.ipv4.tcp_keepalive_probes",
                                                       "net.ipv4.tcp_rmem",
                                                       "net.ipv4.tcp_wmem"};
constexpr std::array<std::string_view, 4> kSeLinuxTypes = {"", "container_t", "container_init_t",
                                                           "container_kvm_t"};

/// What pods and containers may both say in their securityContext; `who` begins each sentence.
void check_context(Look& look, const Value& object, const Value& context, const std::string& who) {
  const auto found = [&](const char* what) { look.found(object, who + "securityContext" + what); };
  if (text_at(context, "windowsOptions.hostProcess") == "true")
    found(".windowsOptions.hostProcess is true");
  const std::string armor = text_at(context, "appArmorProfile.type");
  if (!armor.empty() && armor != "RuntimeDefault" && armor != "Localhost")
    found(".appArmorProfile.type is not RuntimeDefault");
  if (!is_among(kSeLinuxTypes, text_at(context, "seLinuxOptions.type")))
    found(".seLinuxOptions.type goes beyond the profile");
  if (!text_at(context, "seLinuxOptions.user").empty() ||
      !text_at(context, "seLinuxOptions.role").empty())
    found(".seLinuxOptions names a user or role");
  if (text_at(context, "runAsNonRoot") == "false" || text_at(context, "runAsUser") == "0")
    found(" lets it run as root");
  const std::string profile = text_at(context, "seccompProfile.type");
  if (!profile.empty() && profile != "RuntimeDefault")
    found(".seccompProfile.type is not RuntimeDefault");
}

/// Probes and hooks that ask another host reach what the pod's own network may not.
bool asks_elsewhere(const Value& container) {
  for (const char* hook : {"startupProbe", "livenessProbe", "readinessProbe", "lifecycle.preStop",
                           "lifecycle.postStart"}) {
    for (const char* how : {".httpGet.host", ".tcpSocket.host"}) {
      if (!text_at(container, std::string(hook) + how).empty()) return true;
    }
  }
  return false;
}

void check_container(Look& look, const Value& object, const Value& container) {
  const std::string who = "containers[" + text_at(container, "name") + "].";
  const auto found = [&](const char* what) { look.found(object, who + what); };
  // What a container says of itself wins over its pod.
  check_context(look, object, at(container, "securityContext"), who);
  if (text_at(container, "securityContext.privileged") == "true")
    found("securityContext.privileged is true");
  const std::string proc = text_at(container, "securityContext.procMount");
  if (!proc.empty() && proc != "Default") found("securityContext.procMount is not Default");
  if (text_at(container, "securityContext.allowPrivilegeEscalation") != "false")
    found("securityContext.allowPrivilegeEscalation is not false");
  const auto& dropped = items_at(container, "securityContext.capabilities.drop");
  if (std::ranges::find(dropped, Value("ALL")) == dropped.end())
    found("securityContext.capabilities.drop is not ALL");
  for (const Value& added : items_at(container, "securityContext.capabilities.add")) {
    if (added != Value("NET_BIND_SERVICE"))
      found("securityContext.capabilities.add goes beyond the profile");
  }
  for (const Value& port : items_at(container, "ports")) {
    if (!text_at(port, "hostPort").empty()) found("ports has a hostPort");
  }
  if (asks_elsewhere(container)) found("has a probe or hook that asks another host");
}

void check_volumes(Look& look, const Value& object, const Value& pod) {
  for (const Value& volume : items_at(pod, "volumes")) {
    if (volume.as_object() == nullptr) continue;
    for (const auto& [kind, value] : *volume.as_object()) {
      if (kind != "name" && !is_among(kVolumes, kind))
        look.found(object, "volumes[" + text_at(volume, "name") + "] is of kind " + kind +
                               ", which the profile does not allow");
    }
  }
}

void check_pod(Look& look, const Value& object, const Value& pod) {
  for (const char* key : {"hostNetwork", "hostPID", "hostIPC"}) {
    if (text_at(pod, key) == "true") look.found(object, std::string(key) + " is true");
  }
  check_context(look, object, at(pod, "securityContext"), "");
  if (text_at(pod, "securityContext.runAsNonRoot") != "true")
    look.found(object, "securityContext.runAsNonRoot is not true");
  if (text_at(pod, "securityContext.seccompProfile.type").empty())
    look.found(object, "securityContext.seccompProfile.type is missing");
  for (const Value& sysctl : items_at(pod, "securityContext.sysctls")) {
    const std::string name = text_at(sysctl, "name");
    if (!is_among(kSysctls, name))
      look.found(object, "securityContext.sysctls: " + name + " goes beyond the profile");
  }
  check_volumes(look, object, pod);
  for (const Value* container : containers_of(pod)) check_container(look, object, *container);
}

}  // namespace

void check_restricted(Look& look) {
  for (const Value& object : look.objects()) {
    if (const Value* pod = pod_of(object)) check_pod(look, object, *pod);
  }
}

}  // namespace respring::manifests
