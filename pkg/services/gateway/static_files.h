#pragma once

#include <filesystem>

#include "net/http.h"

namespace respring::gateway {

/// The built web client. A path without a dot is a page of it and gets index.html; files under
/// /assets/ carry a hash in their name and may be kept for ever. Any thread.
class StaticFiles {
 public:
  /// Empty, or a folder that holds index.html; anything else counts as empty.
  explicit StaticFiles(std::filesystem::path folder);

  /// The answer to a GET or HEAD. Without a web client `/` tells how to talk to the API.
  net::Response answer(const net::Request& request) const;

 private:
  std::filesystem::path folder_;
};

/// `web/dist` below the present folder, or beside the binary's; empty when there is none.
std::filesystem::path find_web_folder();

}  // namespace respring::gateway
