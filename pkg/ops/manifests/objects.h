#pragma once

#include "base/json.h"
#include "ops/manifests/input.h"

/// The Kubernetes objects of a platform, one function per subject. They have no namespace: that is
/// set once for all of them, at the end.
namespace respring::manifests {

using Objects = std::vector<json::Value>;

/// Everything of an environment, in the order in which it can be applied.
Objects objects_of(const Input& input);
/// Jobs that a person starts: moves and rebalancing. Suspended until somebody resumes them.
Objects operator_jobs(const Input& input);

void add_role(const Input& input, const RoleFacts& role, Objects& out);
void add_network(const Input& input, Objects& out);
/// The command that the clock starts.
json::Array archive_words(const ArchiveValues& values);
void add_jobs(const Input& input, Objects& out);
void add_servers(const Input& input, Objects& out);
void add_monitoring(const Input& input, Objects& out);
/// A ConfigMap for what reads the pods' logs and pushes them to Loki.
json::Value log_shipper(const Input& input);

// What the subjects share.

/// `respring-gateway`.
std::string name_of(const RoleFacts& role);
/// apiVersion, kind and metadata, to which the rest is added.
json::Object object(const Input& input, std::string_view api, std::string_view kind,
                    const std::string& name, const std::string& component);
/// The labels by which pods of a component are found.
json::Object selector(const std::string& component);
/// Those and the others that Kubernetes recommends.
json::Object labels(const Input& input, const std::string& component);
/// A ConfigMap, and what its content is known by.
json::Value config_map(const Input& input, const std::string& name, const std::string& component,
                       const std::string& file, const std::string& text);
/// Sixteen hexadecimal digits that change with the text.
std::string fingerprint(std::string_view text);

/// A pod of the binary that passes Kubernetes' restricted profile, without its `args`.
struct PodParts {
  json::Object container;  ///< image, environment, mounts, security
  json::Array volumes;
  json::Object security;  ///< of the pod
  std::string settings_hash;
};
PodParts pod_parts(const Input& input, const RoleFacts& role);
/// The ConfigMap those pods read.
json::Value role_config_map(const Input& input, const RoleFacts& role);
/// What every container of ours may do: nothing special.
json::Object container_security(bool read_only = true);
/// Pods on different machines and zones, where there are some.
json::Array spread(const std::string& component);

/// "250m", "256Mi".
std::string cpu_text(int millis);
std::string memory_text(const config::Bytes& bytes);

}  // namespace respring::manifests
