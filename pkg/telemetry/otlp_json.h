#pragma once

#include <string>
#include <vector>

#include "telemetry/spans.h"

namespace respring::spans {

/// An ExportTraceServiceRequest in the JSON of OTLP/HTTP (OpenTelemetry protocol 1.x, "JSON
/// Protobuf Encoding"): ids as hex digits, 64-bit numbers as texts, enums as numbers. Pure.
std::string otlp_json(const std::vector<Span>& spans, const Attributes& resource);

}  // namespace respring::spans
