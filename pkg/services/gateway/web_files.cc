#include "services/gateway/web_files.h"

#include <array>
#include <charconv>
#include <optional>

#include "services/gateway/welcome.h"

namespace respring::gateway {
namespace {

constexpr std::string_view kFirstLine = "respring-web 1\n";
constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kServiceWorker = "/sw.js";

std::string_view take_until(std::string_view& rest, char end) {
  const auto at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

std::optional<std::size_t> take_size(std::string_view& rest) {
  const std::string_view text = take_until(rest, '\t');
  std::size_t size = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return size;
}

std::string_view take_bytes(std::string_view& rest, std::size_t size) {
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(taken.size());
  return taken;
}

/// RFC 9110 13.1.2: weak comparison with each of the list.
bool names_etag(std::string_view list, std::string_view etag) {
  return list == "*" || list.find(etag) != std::string_view::npos;
}

/// RFC 9110 12.5.3, as browsers use it: the coding is in the list and not refused with q=0.
bool accepts(std::string_view list, std::string_view coding) {
  while (!list.empty()) {
    std::string_view item = take_until(list, ',');
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    std::string_view name = take_until(item, ';');
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    if (name == coding) return item.find("q=0") == item.npos || item.find("q=0.") != item.npos;
  }
  return false;
}

}  // namespace

WebFiles::WebFiles(std::string_view pack) {
  if (!read(pack, files_) || !files_.contains(kIndex)) files_.clear();
}

bool WebFiles::read(std::string_view pack, std::unordered_map<std::string_view, File>& files) {
  if (!pack.starts_with(kFirstLine)) return false;
  const auto end = pack.find("\n\n");
  if (end == pack.npos) return false;
  std::string_view index = pack.substr(kFirstLine.size(), end + 1 - kFirstLine.size());
  std::string_view bytes = pack.substr(end + 2);
  while (!index.empty()) {
    std::string_view line = take_until(index, '\n');
    const std::string_view path = take_until(line, '\t');
    File file;
    file.type = take_until(line, '\t');
    file.etag = take_until(line, '\t');
    file.lasting = take_until(line, '\t') == "1";
    for (std::string_view File::*part : {&File::plain, &File::gzip, &File::br}) {
      const auto size = take_size(line);
      if (!size || *size > bytes.size()) return false;
      file.*part = take_bytes(bytes, *size);
    }
    files.emplace(path, file);
  }
  return bytes.empty();
}

net::Response WebFiles::file_answer(const File& file, const net::Request& request) {
  net::Response response;
  response.headers.add("ETag", std::string(file.etag));
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("Cache-Control",
                       file.lasting ? "public, max-age=31536000, immutable" : "no-cache");
  // Of a 304, too: the browser puts its headers, the policy of content among them, over the kept
  // ones.
  response.content_type = file.type;
  if (names_etag(request.headers.find("if-none-match").value_or(""), file.etag)) {
    response.status = 304;
    return response;
  }
  const std::string accepted = request.headers.joined("accept-encoding");
  if (!file.br.empty() && accepts(accepted, "br")) {
    response.headers.add("Content-Encoding", "br");
    response.body = file.br;
  } else if (!file.gzip.empty() && accepts(accepted, "gzip")) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.plain;
  }
  return response;
}

namespace {

// One of the client's own pages, asked for by a browser: a missing script, or a path of the API or
// of the admin listener that does not exist here, must not turn into a page.
bool is_page(const net::Request& request) {
  if (request.path == "/") return true;
  return request.path.find_first_of(".%") == std::string::npos &&
         request.headers.joined("accept").find("text/html") != std::string::npos;
}

}  // namespace

net::Response WebFiles::answer(const net::Request& request) const {
  const std::string& path = request.path;
  if (files_.empty() && path == "/") return welcome_page();
  const bool page = is_page(request);
  auto found = files_.find(std::string_view(path));
  if (found == files_.end() && page) found = files_.find(kIndex);
  if (found == files_.end())
    return net::problem_response(not_found("there is nothing at this path"), request);
  net::Response response = file_answer(found->second, request);
  // A service worker lives by the policy of its own file: it may fetch, and from us only.
  if (path == kServiceWorker)
    response.headers.add("Content-Security-Policy", "default-src 'none'; connect-src 'self'");
  return response;
}

}  // namespace respring::gateway
