#include "respring/serve/documents.h"

#include <string_view>

namespace respring::cmd {

// Made by the build from the files of docs/.
std::string_view openapi_text();
std::string_view asyncapi_text();

gateway::Documents documents() {
  return {std::string(openapi_text()), std::string(asyncapi_text())};
}

}  // namespace respring::cmd
