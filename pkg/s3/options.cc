#include "s3/options.h"

#include <algorithm>

#include "chat/blob_key.h"
#include "config/nearest.h"
#include "net/cut.h"
#include "net/http.h"

namespace respring::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789";

Error wrong(std::string_view why) {
  return invalid(std::string(why) +
                 "; the URL of a bucket is s3://BUCKET[/PREFIX]?endpoint=URL&region=REGION");
}

bool is_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return kPlain.find(c) != kPlain.npos || others.find(c) != others.npos;
  });
}

/// As Amazon has them ("Bucket naming rules"), which other servers follow.
Result<void> read_bucket(std::string_view text, Options& options) {
  const bool fits = text.size() >= 3 && text.size() <= 63 && is_of(text, ".-") &&
                    is_of(text.substr(0, 1), "") && is_of(text.substr(text.size() - 1), "");
  if (!fits)
    return wrong("the bucket's name is not 3 to 63 of a-z, 0-9, . and -, from letter to letter");
  options.bucket = text;
  return success();
}

Result<void> read_prefix(std::string_view text, Options& options) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return success();
  if (!chat::check_blob_key(text)) return wrong("the prefix is not of a-z, 0-9, . _ - and /");
  options.prefix = std::string(text) + "/";
  return success();
}

Result<void> read_endpoint(std::string_view encoded, Options& options) {
  auto decoded = net::percent_decode(encoded);
  std::string url = decoded ? std::move(*decoded) : "";
  if (url.ends_with('/')) url.pop_back();
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  const auto host = url.substr(std::min(url.find("://") + 3, url.size()));
  if (!has_scheme || host.empty() || host.find_first_of("/?#\\ ") != host.npos)
    return wrong("the endpoint is no address like http://127.0.0.1:8333");
  options.endpoint = std::move(url);
  return success();
}

Result<void> read_region(std::string_view text, Options& options) {
  if (text.empty() || text.size() > 50 || !is_of(text, "-"))
    return wrong("the region is not of a-z, 0-9 and -");
  options.region = text;
  return success();
}

Result<void> read_parameter(std::string_view name, std::string_view value, Options& options) {
  if (name == "endpoint") return read_endpoint(value, options);
  if (name == "region") return read_region(value, options);
  const auto meant = config::nearest(name, {"endpoint", "region"});
  return wrong("the parameter " + std::string(name.substr(0, 40)) + " is not known" +
               (meant ? "; " + *meant + " is" : ""));
}

}  // namespace

std::string Options::bucket_url() const {
  if (endpoint.empty()) return "https://" + bucket + ".s3." + region + ".amazonaws.com";
  return endpoint + "/" + bucket;
}

Result<Options> options_from(std::string_view url) {
  if (!url.starts_with(kScheme)) return wrong("the URL does not begin with s3://");
  url.remove_prefix(kScheme.size());
  if (url.find('@') != url.npos || url.find("%40") != url.npos) {
    return wrong(
        "keys do not belong into the URL: the setting blobs_access_key has the one, and "
        "blobs_secret_key_file names the file with the other");
  }
  Options options;
  const auto [place, parameters] = net::cut(url, '?');
  const auto [bucket, prefix] = net::cut(place, '/');
  RESPRING_TRYV(read_bucket(bucket, options));
  RESPRING_TRYV(read_prefix(prefix, options));
  std::string_view left = parameters;
  while (!left.empty()) {
    const auto [parameter, others] = net::cut(left, '&');
    const auto [name, value] = net::cut(parameter, '=');
    RESPRING_TRYV(read_parameter(name, value, options));
    left = others;
  }
  // Amazon's certificate is for one name before its own.
  if (options.endpoint.empty() && options.bucket.find('.') != options.bucket.npos)
    return wrong("a bucket with a dot in its name needs endpoint=https://s3.REGION.amazonaws.com");
  return options;
}

}  // namespace respring::s3
