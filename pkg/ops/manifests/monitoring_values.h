#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What is wrong with a text of `monitoring.*`, or nothing.
namespace respring::manifests {

/// NAME=VALUE, as labels of Kubernetes are, with or without a prefix: `release=main`. Not one of
/// those that every object has.
std::optional<std::string> check_label(std::string_view text);
/// The address of a page, without its section: https, http or file.
std::optional<std::string> check_runbook(std::string_view text);

}  // namespace respring::manifests
