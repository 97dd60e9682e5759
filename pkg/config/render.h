#pragma once

#include "config/load.h"

namespace respring::config {

/// A respring.yaml that says everything a fresh start would do, with a comment on each setting.
/// Loading it changes nothing.
std::string render_defaults(const Registry& registry);

/// Every variable with its default and sentence, as lines of a shell file.
std::string render_environment(const Registry& registry);

/// The reference in Markdown.
std::string render_docs(const Registry& registry);

/// Value, origin, what it shadows, bounds and whether it reloads, for a person.
std::string render_explanation(const Effective& value);

/// `integer, 1 to 65535`, `one of auto, json, pretty`, …
std::string describe_type(const Field& field);

/// Every key that can be written in a file; elements of lists as `stores.shards.N.dsn`.
std::vector<std::string> all_keys(const Registry& registry);

}  // namespace respring::config
