#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "net/http.h"

namespace respring::gateway {

/// The built web client, out of one block of memory (a pack, made by web/scripts/pack.mjs):
///
///   respring-web 1\n
///   path \t type \t etag \t lasting(0|1) \t plain \t gzip \t br \n     one line per file, bytes
///   each \n the bytes, in the same order
///
/// A path without a dot is a page of the client and gets index.html; a lasting file carries a hash
/// in its name and may be kept for ever. Any thread.
class WebFiles {
 public:
  /// Borrows `pack`, which must outlive it. An empty or broken one counts as no client.
  explicit WebFiles(std::string_view pack);

  /// The answer to a GET or HEAD. Without a client `/` tells how to talk to the API.
  net::Response answer(const net::Request& request) const;

 private:
  struct File {
    std::string_view type, etag, plain, gzip, br;  ///< an encoding that does not pay is empty
    bool lasting = false;
  };

  static bool read(std::string_view pack, std::unordered_map<std::string_view, File>& files);
  static net::Response file_answer(const File& file, const net::Request& request);

  std::unordered_map<std::string_view, File> files_;
};

}  // namespace respring::gateway
