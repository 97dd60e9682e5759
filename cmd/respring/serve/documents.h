#pragma once

#include "services/gateway/gateway.h"

namespace respring::cmd {

/// docs/openapi.json and docs/asyncapi.json as they were when this binary was built.
gateway::Documents documents();

/// The web client as it was when this binary was built; empty when it was built without.
std::string_view web_pack();

/// A route as the OpenAPI document has it.
struct DocumentedRoute {
  net::Method method = net::Method::get;
  std::string pattern;
  std::string tag;
};
std::vector<DocumentedRoute> documented_routes();

}  // namespace respring::cmd
