#include "respring/serve/documents.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/json.h"

// Made by the build from web/ (cmake/web.cmake).
extern "C" const char respring_web_pack[];
extern "C" const char respring_web_pack_end[];

namespace respring::cmd {

// Made by the build from the files of docs/.
std::string_view openapi_text();
std::string_view asyncapi_text();

gateway::Documents documents() {
  return {std::string(openapi_text()), std::string(asyncapi_text())};
}

std::string_view web_pack() {
  const auto size = respring_web_pack_end - respring_web_pack;
  return {respring_web_pack, static_cast<std::size_t>(size)};
}

std::vector<DocumentedRoute> documented_routes() {
  std::vector<DocumentedRoute> routes;
  const auto document = json::parse(openapi_text(), 64);
  const json::Value* paths = document ? document.value().find("paths") : nullptr;
  const json::Object* all = paths != nullptr ? paths->as_object() : nullptr;
  if (all == nullptr) return routes;
  for (const auto& [pattern, operations] : *all) {
    const json::Object* by_method = operations.as_object();
    if (by_method == nullptr) continue;
    for (const auto& [name, operation] : *by_method) {
      std::string method = name;
      std::transform(method.begin(), method.end(), method.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      const json::Value* tags = operation.find("tags");
      const json::Array* list = tags != nullptr ? tags->as_array() : nullptr;
      if (list == nullptr || list->empty() || list->front().as_string() == nullptr ||
          pattern == "/v1/ws")
        continue;
      routes.push_back({net::method_named(method), pattern, *list->front().as_string()});
    }
  }
  return routes;
}

}  // namespace respring::cmd
