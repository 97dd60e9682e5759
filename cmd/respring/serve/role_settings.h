#pragma once

#include "respring/settings.h"
#include "services/gateway/settings.h"
#include "services/user/settings.h"
#include "services/websocket/settings.h"

/// Each role's own settings out of those of the process: at the start, and again at a reload.
namespace respring::cmd {

user::Settings user_settings(const Settings& settings);
websocket::Settings websocket_settings(const Settings& settings);
gateway::Settings gateway_settings(const Settings& settings);

}  // namespace respring::cmd
