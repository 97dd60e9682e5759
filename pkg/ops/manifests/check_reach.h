#pragma once

#include "ops/manifests/check.h"

/// What NetworkPolicies allow together, added up as a cluster does it (the API's reference of
/// networking.k8s.io/v1): a pod that no policy chooses may speak to anybody; among those that
/// choose it one rule that allows suffices; a rule without peers means everybody, one without ports
/// every port.
namespace respring::manifests {

/// The direction of a connection, seen from the pod that a policy chooses.
enum class Way : std::uint8_t { in, out };

/// Where a connection ends: policies name a port by its number or its container's name for it.
struct PortAt {
  std::string name;
  int number = 0;
  std::string protocol = "TCP";
};

/// A rule and the policy it stands in.
struct PolicyRule {
  const json::Value* policy = nullptr;
  const json::Value* rule = nullptr;
  Way way{};

  /// `spec.egress[2]`
  std::string where() const;
  const json::Array& peers() const;
  bool has(const PortAt& port) const;
  /// Whether somebody is left out: neither no peers at all, nor one that chooses every pod.
  bool is_for_some() const;

  std::size_t index = 0;
};

/// The policies among the objects. They must outlive it.
class Policies {
 public:
  explicit Policies(const Objects& objects);

  /// Whether any policy says what pods with these labels may do; without one they may do all.
  bool restrict(Way way, const json::Value& labels) const;
  std::vector<PolicyRule> rules(Way way, const json::Value& labels) const;
  /// The first rule that lets `labels` take from, or open to, pods of this namespace with the
  /// labels `other` on a port; nothing when none does.
  std::optional<PolicyRule> allowing(Way way, const json::Value& labels, const json::Value& other,
                                     const PortAt& port) const;
  /// Whether the peer of a rule is (also) pods of this namespace with those labels. A network is
  /// when it leaves nobody out.
  bool includes(const json::Value& peer, const json::Value& labels) const;
  /// Whether pods of the namespace of that name can be meant by a peer that is no network.
  bool can_be_in(const json::Value& peer, const std::string& name) const;

 private:
  std::vector<const json::Value*> choosing(Way way, const json::Value& labels) const;

  std::vector<const json::Value*> policies_;
  std::string namespace_;
  json::Value namespace_labels_;
};

/// Whether a label selector chooses those labels. An empty one chooses everything.
bool chooses(const json::Value& selector, const json::Value& labels);
/// Labels of the pods of a workload.
const json::Value& pod_labels(const json::Value& workload);
/// The port of a workload's containers that has this name; the number is 0 when none has.
PortAt port_named(const json::Value& workload, const std::string& name);

}  // namespace respring::manifests
