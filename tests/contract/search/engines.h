#pragma once

#include <string>

#include "elasticsearch/options.h"

namespace respring::testing {

/// The server of this run, as tests/stack names it: RESPRING_SEARCH_ENGINE, or `elasticsearch`.
std::string engine_in_use();

/// Options for an index of its own on the engine of this run. Its indices are removed when the
/// program ends.
elasticsearch::Options fresh_index();
/// The same on the engine at that URL, which nobody cleans up.
elasticsearch::Options fresh_index_at(const std::string& http_url);

/// What the engine answers to a request of the test's own; throws when it cannot be asked.
std::string ask_engine(const elasticsearch::Options& options, const std::string& method,
                       const std::string& target, const std::string& body = {});

}  // namespace respring::testing
