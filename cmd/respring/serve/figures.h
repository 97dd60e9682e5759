#pragma once

#include "respring/serve/platform.h"

namespace respring::cmd {

/// Brings the gauges of the stores up to what they say now; before each scrape.
void refresh_figures(const Platform& platform);

}  // namespace respring::cmd
