#pragma once

#include "services/gateway/gateway.h"

namespace respring::cmd {

/// docs/openapi.json and docs/asyncapi.json as they were when this binary was built.
gateway::Documents documents();

}  // namespace respring::cmd
