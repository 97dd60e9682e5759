#pragma once

#include "net/http.h"

namespace respring::gateway {

/// What `/` says while there is no web client: that the API runs, and how to talk to it, in Korean
/// and English.
net::Response welcome_page();

}  // namespace respring::gateway
