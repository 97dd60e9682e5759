#pragma once

#include <functional>
#include <optional>
#include <span>

#include "ops/manifests/read.h"

namespace respring::manifests {

/// A rule that an object breaks.
struct Finding {
  std::string rule;    ///< stable: `network-edge`
  std::string object;  ///< `Deployment respring-gateway`
  std::string what;    ///< a sentence with the path of the value
};

/// The binary's own judgement of texts that manifests hand to it: nothing, or what is wrong.
struct Judges {
  std::function<std::optional<std::string>(const std::string& yaml)> settings;
  std::function<std::optional<std::string>(const std::vector<std::string>& words)> command;
};

/// What a rule looks at, and where it says what it found.
class Look {
 public:
  Look(const Objects& objects, const BinaryFacts& facts, const Judges& judges)
      : objects_(objects), facts_(facts), judges_(judges) {}

  const Objects& objects() const { return objects_; }
  const BinaryFacts& facts() const { return facts_; }
  const Judges& judges() const { return judges_; }
  /// `Deployment`, `respring-gateway`, or nullptr.
  const json::Value* find(std::string_view kind, const std::string& name) const;
  /// Once for each sentence.
  void found(const json::Value& object, std::string what);

  std::vector<Finding> take(std::string_view rule);

 private:
  const Objects& objects_;
  const BinaryFacts& facts_;
  const Judges& judges_;
  std::vector<Finding> findings_;
};

/// One line of the table of rules.
struct Rule {
  std::string_view name;
  std::string_view says;  ///< what must hold
  void (*look)(Look&);
};
/// Every rule, for `check` and its help.
std::span<const Rule> rules();

std::vector<Finding> check(const Objects& objects, const BinaryFacts& facts, const Judges& judges);

// What rules use.

/// The value at `spec.template.spec`, or a null.
const json::Value& at(const json::Value& value, std::string_view path);
/// The text there, or empty.
std::string text_at(const json::Value& value, std::string_view path);
/// The items of the list there.
const json::Array& items_at(const json::Value& value, std::string_view path);
/// The pod's spec of a workload, or nullptr.
const json::Value* pod_of(const json::Value& object);
/// Containers, also those that run before.
std::vector<const json::Value*> containers_of(const json::Value& pod);
/// `gateway` of an object of ours.
std::string component_of(const json::Value& object);
/// A workload that runs this binary, and not a server for development.
bool runs_respring(const Look& look, const json::Value& object);
/// Whether `labels` has everything in `wanted`.
bool matches(const json::Value& wanted, const json::Value& labels);

void check_restricted(Look& look);
void check_read_only(Look& look);
void check_tokens(Look& look);
void check_probes(Look& look);
void check_ports(Look& look);
void check_services(Look& look);
void check_grace(Look& look);
void check_resources(Look& look);
void check_images(Look& look);
void check_mounts(Look& look);
void check_names(Look& look);
void check_default_deny(Look& look);
void check_edges(Look& look);
void check_servers_reached(Look& look);
void check_ingress(Look& look);
void check_budgets(Look& look);
void check_autoscalers(Look& look);
void check_spread(Look& look);
void check_rollout(Look& look);
void check_schedules(Look& look);
void check_jobs(Look& look);
void check_selectors(Look& look);
void check_labels(Look& look);
void check_settings(Look& look);
void check_commands(Look& look);
void check_secrets(Look& look);
void check_metrics(Look& look);
void check_scrape(Look& look);

}  // namespace respring::manifests
