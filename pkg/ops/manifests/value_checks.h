#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What is wrong with a text that a value is given, or nothing.
namespace respring::manifests {

using Complaint = std::optional<std::string>;

/// A DNS label (RFC 1123), as Kubernetes names most things.
Complaint check_name(std::string_view text);
Complaint check_optional_name(std::string_view text);
Complaint check_host(std::string_view text);
/// An image without tag and digest.
Complaint check_image_name(std::string_view text);
/// An image with its tag, or its digest.
Complaint check_image(std::string_view text);
/// A tag that can be a label, too; empty is none.
Complaint check_tag(std::string_view text);
Complaint check_digest(std::string_view text);
/// CIDR, IPv4 or IPv6 (RFC 4632, RFC 4291), without bits behind the prefix.
Complaint check_network(std::string_view text);
/// A network whose word is taken for who asks: not all of them.
Complaint check_proxies(std::string_view text);
/// `namespace NAME` or a network.
Complaint check_place(std::string_view text);
/// NAME=VALUE, the name as Kubernetes has those of annotations.
Complaint check_annotation(std::string_view text);
Complaint check_address(std::string_view text);
Complaint check_time_zone(std::string_view text);
Complaint check_days(std::string_view text);

}  // namespace respring::manifests
