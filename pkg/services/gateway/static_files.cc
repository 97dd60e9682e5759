#include "services/gateway/static_files.h"

#include <algorithm>
#include <array>

#include "services/gateway/welcome.h"

namespace respring::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
}};

std::string_view type_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const auto& pair) { return pair.first == extension; });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

/// A segment that stays inside its folder and is no hidden file: that leaves no way out, however
/// it was encoded.
bool is_plain_segment(std::string_view segment) {
  return !segment.empty() && segment.front() != '.' &&
         segment.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

/// The file a path names below the folder, decoded segment by segment; empty when it names none.
fs::path file_at(const fs::path& folder, std::string_view path) {
  fs::path file = folder;
  path.remove_prefix(1);
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = net::percent_decode(path.substr(0, end));
    if (!segment || !is_plain_segment(*segment)) return {};
    file /= *segment;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return file;
}

/// Changes whenever the file does, as far as size and time of change tell.
std::string etag_of(const fs::path& file, std::error_code& error) {
  const auto size = fs::file_size(file, error);
  const auto changed = fs::last_write_time(file, error).time_since_epoch().count();
  return "\"" + std::to_string(size) + "-" + std::to_string(changed) + "\"";
}

/// RFC 9110 13.1.2: weak comparison with each of the list.
bool names_etag(std::string_view list, std::string_view etag) {
  return list == "*" || list.find(etag) != std::string_view::npos;
}

net::Response file_answer(const fs::path& file, bool lasting, const net::Request& request) {
  std::error_code error;
  const std::string etag = etag_of(file, error);
  if (error) return net::problem_response(not_found(), request);
  net::Response response;
  response.headers.add("ETag", etag);
  response.headers.add("Cache-Control",
                       lasting ? "public, max-age=31536000, immutable" : "no-cache");
  if (names_etag(request.headers.find("if-none-match").value_or(""), etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = type_of(file);
  response.file = file;
  return response;
}

bool is_file(const fs::path& file) {
  std::error_code ignored;
  return !file.empty() && fs::is_regular_file(file, ignored);
}

}  // namespace

StaticFiles::StaticFiles(fs::path folder)
    : folder_(is_file(folder / "index.html") ? std::move(folder) : fs::path()) {}

net::Response StaticFiles::answer(const net::Request& request) const {
  const std::string& path = request.path;
  if (folder_.empty()) {
    if (path == "/") return welcome_page();
    return net::problem_response(not_found("there is nothing at this path"), request);
  }
  if (path.starts_with('/')) {
    const fs::path file = file_at(folder_, path);
    if (is_file(file)) return file_answer(file, path.starts_with("/assets/"), request);
    // The web client's own pages; a missing asset stays missing.
    if (!file.empty() && path.find('.') == std::string::npos)
      return file_answer(folder_ / "index.html", false, request);
  }
  return net::problem_response(not_found("there is nothing at this path"), request);
}

fs::path find_web_folder() {
  std::error_code ignored;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& root : {fs::current_path(ignored), binary, binary.parent_path()}) {
    if (is_file(root / "web" / "dist" / "index.html")) return root / "web" / "dist";
  }
  return {};
}

}  // namespace respring::gateway
