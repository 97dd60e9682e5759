// What Kubernetes would refuse at the last moment: names that are too long or stand twice, mounts
// without a volume.
#include <map>
#include <set>

#include "ops/manifests/check.h"

namespace respring::manifests {
namespace {

using json::Value;

/// A DNS label (RFC 1123).
bool is_label(const std::string& text, std::size_t most = 63) {
  return !text.empty() && text.size() <= most && text.front() != '-' && text.back() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

/// Most letters of an object's name: those of pods, and labels of pods, are made of it.
std::size_t most_letters(const std::string& kind) {
  if (kind == "CronJob") return 52;  // eleven are added for each Job
  const bool label = kind == "Service" || kind == "Job" || kind == "Namespace" ||
                     kind == "Deployment" || kind == "StatefulSet";
  return label ? 63 : 253;
}

void check_object(Look& look, const Value& object) {
  const std::string kind = text_at(object, "kind");
  const std::string name = text_at(object, "metadata.name");
  const std::size_t most = most_letters(kind);
  const bool right = most < 253 ? is_label(name, most) : !name.empty() && name.size() <= most;
  if (!right)
    look.found(object, "metadata.name is no name of a-z, 0-9 and -, at most " +
                           std::to_string(most) + " letters");
}

/// Claims of a StatefulSet are volumes of its pods.
std::set<std::string> check_volumes(Look& look, const Value& object, const Value& pod) {
  std::set<std::string> names;
  for (const Value& claim : items_at(object, "spec.volumeClaimTemplates"))
    names.insert(text_at(claim, "metadata.name"));
  for (const Value& volume : items_at(pod, "volumes")) {
    const std::string name = text_at(volume, "name");
    if (!names.insert(name).second)
      look.found(object, "volumes: the name " + name + " stands there twice");
    if (!is_label(name))
      look.found(object, "volumes: " + name + " is no name of a-z, 0-9 and -, at most 63 letters");
  }
  return names;
}

void check_container(Look& look, const Value& object, const Value& container,
                     const std::set<std::string>& volumes) {
  const std::string name = text_at(container, "name");
  const std::string who = "containers[" + name + "]";
  if (!is_label(name)) look.found(object, who + ": its name is no name of a-z, 0-9 and -");
  std::set<std::string> paths;
  for (const Value& mount : items_at(container, "volumeMounts")) {
    const std::string path = text_at(mount, "mountPath");
    if (path.empty() || path.front() != '/')
      look.found(object, who + ".volumeMounts: '" + path + "' is no path");
    if (!paths.insert(path).second)
      look.found(object, who + ".volumeMounts: the mountPath " + path + " stands there twice");
    if (!volumes.contains(text_at(mount, "name")))
      look.found(object, who + ".volumeMounts: there is no volume " + text_at(mount, "name"));
  }
  std::set<std::string> ports;
  for (const Value& port : items_at(container, "ports")) {
    const std::string of = text_at(port, "name");
    if (!of.empty() && (!ports.insert(of).second || !is_label(of, 15)))
      look.found(object, who + ".ports: the name " + of + " stands there twice, or is too long");
  }
}

}  // namespace

void check_names(Look& look) {
  std::set<std::string> titles;
  for (const Value& object : look.objects()) {
    check_object(look, object);
    if (!titles.insert(title_of(object) + " " + text_at(object, "metadata.namespace")).second)
      look.found(object, "stands there twice");
    const Value* pod = pod_of(object);
    if (pod == nullptr) continue;
    const std::set<std::string> volumes = check_volumes(look, object, *pod);
    std::set<std::string> containers;
    for (const Value* container : containers_of(*pod)) {
      check_container(look, object, *container, volumes);
      if (!containers.insert(text_at(*container, "name")).second)
        look.found(object, "containers: a name stands there twice");
    }
  }
}

}  // namespace respring::manifests
