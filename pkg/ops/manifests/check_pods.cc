// Rules about pods and what keeps them running.
#include <algorithm>

#include "ops/manifests/check_settings.h"

namespace respring::manifests {
namespace {

using json::Value;

template <class Body>
void each_pod(Look& look, Body body) {
  for (const Value& object : look.objects()) {
    if (const Value* pod = pod_of(object)) body(object, *pod);
  }
}

template <class Body>
void each_role(Look& look, Body body) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") == "Deployment" && runs_respring(look, object))
      body(object, *pod_of(object));
  }
}

int number_at(const Value& value, std::string_view path) { return number_of(text_at(value, path)); }

std::string named(const Value& container, const char* path) {
  return "containers[" + text_at(container, "name") + "]." + path;
}

void container_is_restricted(Look& look, const Value& object, const Value& container) {
  if (text_at(container, "securityContext.allowPrivilegeEscalation") != "false")
    look.found(object, named(container, "securityContext.allowPrivilegeEscalation is not false"));
  const auto& dropped = items_at(container, "securityContext.capabilities.drop");
  if (std::ranges::find(dropped, Value("ALL")) == dropped.end())
    look.found(object, named(container, "securityContext.capabilities.drop is not ALL"));
  for (const Value& added : items_at(container, "securityContext.capabilities.add")) {
    if (added != Value("NET_BIND_SERVICE"))
      look.found(object,
                 named(container, "securityContext.capabilities.add goes beyond the profile"));
  }
  // What a container says of itself wins over its pod.
  if (text_at(container, "securityContext.runAsNonRoot") == "false" ||
      text_at(container, "securityContext.runAsUser") == "0")
    look.found(object, named(container, "securityContext lets it run as root"));
  const std::string profile = text_at(container, "securityContext.seccompProfile.type");
  if (!profile.empty() && profile != "RuntimeDefault")
    look.found(object,
               named(container, "securityContext.seccompProfile.type is not RuntimeDefault"));
  for (const Value& port : items_at(container, "ports")) {
    if (port.find("hostPort") != nullptr)
      look.found(object, named(container, "ports has a hostPort"));
  }
  if (text_at(container, "securityContext.privileged") == "true")
    look.found(object, named(container, "securityContext.privileged is true"));
}

}  // namespace

void check_restricted(Look& look) {
  each_pod(look, [&](const Value& object, const Value& pod) {
    if (text_at(pod, "securityContext.runAsNonRoot") != "true")
      look.found(object, "securityContext.runAsNonRoot is not true");
    if (text_at(pod, "securityContext.runAsUser") == "0")
      look.found(object, "securityContext.runAsUser is 0");
    if (text_at(pod, "securityContext.seccompProfile.type") != "RuntimeDefault")
      look.found(object, "securityContext.seccompProfile.type is not RuntimeDefault");
    for (const char* key : {"hostNetwork", "hostPID", "hostIPC"}) {
      if (text_at(pod, key) == "true") look.found(object, std::string(key) + " is true");
    }
    for (const Value& volume : items_at(pod, "volumes")) {
      if (volume.find("hostPath") != nullptr)
        look.found(object, "volumes[" + text_at(volume, "name") + "] is a hostPath");
    }
    for (const Value* container : containers_of(pod))
      container_is_restricted(look, object, *container);
  });
}

void check_read_only(Look& look) {
  each_pod(look, [&](const Value& object, const Value& pod) {
    if (!runs_respring(look, object)) return;
    for (const Value* container : containers_of(pod)) {
      if (text_at(*container, "securityContext.readOnlyRootFilesystem") != "true")
        look.found(object, named(*container, "securityContext.readOnlyRootFilesystem is not true"));
    }
  });
}

void check_tokens(Look& look) {
  each_pod(look, [&](const Value& object, const Value& pod) {
    if (text_at(pod, "automountServiceAccountToken") != "false")
      look.found(object, "automountServiceAccountToken is not false");
    const std::string account = text_at(pod, "serviceAccountName");
    if (!account.empty() && look.find("ServiceAccount", account) == nullptr)
      look.found(object, "serviceAccountName: there is no ServiceAccount " + account);
  });
}

void check_probes(Look& look) {
  const BinaryFacts& facts = look.facts();
  each_role(look, [&](const Value& object, const Value& pod) {
    for (const Value* container : containers_of(pod)) {
      for (const auto& [probe, path] : {std::pair{"startupProbe", &facts.live_path},
                                        std::pair{"livenessProbe", &facts.live_path},
                                        std::pair{"readinessProbe", &facts.ready_path}}) {
        const std::string get = std::string(probe) + ".httpGet";
        if (text_at(*container, get + ".path") != *path)
          look.found(object, named(*container, get.c_str()) + ".path is not " + *path);
        if (text_at(*container, get + ".port") != "admin")
          look.found(object, named(*container, get.c_str()) + ".port is not admin");
      }
    }
  });
}

void check_ports(Look& look) {
  const std::pair<const char*, std::uint16_t> wanted[] = {{"http", look.facts().port},
                                                          {"admin", look.facts().admin_port}};
  each_role(look, [&](const Value& object, const Value& pod) {
    for (const Value* container : containers_of(pod)) {
      for (const auto& [name, number] : wanted) {
        const auto& ports = items_at(*container, "ports");
        const bool there = std::ranges::any_of(ports, [&](const Value& port) {
          return text_at(port, "name") == name &&
                 text_at(port, "containerPort") == std::to_string(number);
        });
        if (!there)
          look.found(object,
                     named(*container, "ports has no ") + name + " " + std::to_string(number));
      }
    }
  });
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "Service" || !find_role(look.facts(), component_of(object)))
      continue;
    for (const Value& port : items_at(object, "spec.ports")) {
      const std::string target = text_at(port, "targetPort");
      if (target != "http" && target != std::to_string(look.facts().port))
        look.found(object, "spec.ports targetPort '" + target + "' is no port of the binary");
    }
  }
}

void check_grace(Look& look) {
  each_role(look, [&](const Value& object, const Value& pod) {
    int leave = 0;
    for (const Value* container : containers_of(pod))
      leave = std::max(leave, number_at(*container, "lifecycle.preStop.sleep.seconds"));
    const std::string drain = MountedSettings(look, pod).text("shutdown.drain_seconds");
    const int needed = leave + number_of(drain, look.facts().drain_seconds) + 5;
    if (number_at(pod, "terminationGracePeriodSeconds") < needed)
      look.found(object, "terminationGracePeriodSeconds is below " + std::to_string(needed) +
                             ", what leaving and draining take");
  });
}

void check_resources(Look& look) {
  each_pod(look, [&](const Value& object, const Value& pod) {
    for (const Value* container : containers_of(pod)) {
      for (const char* path :
           {"resources.requests.cpu", "resources.requests.memory", "resources.limits.memory"}) {
        if (text_at(*container, path).empty())
          look.found(object, named(*container, path) + " is missing");
      }
    }
  });
}

void check_images(Look& look) {
  each_pod(look, [&](const Value& object, const Value& pod) {
    for (const Value* container : containers_of(pod)) {
      const std::string image = text_at(*container, "image");
      const std::string last = image.substr(image.rfind('/') + 1);
      if (last.find(':') == std::string::npos || last.ends_with(":latest") || last.ends_with(':'))
        look.found(object, named(*container, "image '") + image + "' names no fixed version");
    }
  });
}

void check_budgets(Look& look) {
  each_role(look, [&](const Value& object, const Value&) {
    const std::string name = text_at(object, "metadata.name");
    int pods = number_at(object, "spec.replicas");
    if (const Value* scaler = look.find("HorizontalPodAutoscaler", name))
      pods = number_at(*scaler, "spec.minReplicas");
    const Value* budget = look.find("PodDisruptionBudget", name);
    if (pods > 1 && budget == nullptr)
      look.found(object, "has several pods and no PodDisruptionBudget");
    if (budget != nullptr && text_at(*budget, "spec.maxUnavailable") == "0")
      look.found(*budget, "spec.maxUnavailable is 0: no machine could ever be emptied");
  });
}

void check_autoscalers(Look& look) {
  for (const Value& object : look.objects()) {
    if (text_at(object, "kind") != "HorizontalPodAutoscaler") continue;
    if (number_at(object, "spec.minReplicas") < 1 ||
        number_at(object, "spec.minReplicas") > number_at(object, "spec.maxReplicas"))
      look.found(object, "spec.minReplicas is not between 1 and spec.maxReplicas");
    const Value* target = look.find(text_at(object, "spec.scaleTargetRef.kind"),
                                    text_at(object, "spec.scaleTargetRef.name"));
    if (target == nullptr) {
      look.found(object, "spec.scaleTargetRef is not there");
    } else if (!text_at(*target, "spec.replicas").empty()) {
      look.found(*target, "spec.replicas would undo what the autoscaler decided");
    }
  }
}

}  // namespace respring::manifests
