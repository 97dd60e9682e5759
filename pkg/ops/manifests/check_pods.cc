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

}  // namespace

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

void check_grace(Look& look) {
  each_role(look, [&](const Value& object, const Value& pod) {
    int leave = 0;
    for (const Value* container : containers_of(pod))
      leave = std::max(leave, number_at(*container, "lifecycle.preStop.sleep.seconds"));
    if (leave < 1)
      look.found(object,
                 "containers.lifecycle.preStop.sleep is missing: Services would still send while "
                 "it ends");
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

}  // namespace respring::manifests
