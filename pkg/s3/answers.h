#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What a bucket says in XML. Pure.
namespace respring::s3 {

/// One page of ListObjectsV2.
struct ListPage {
  std::vector<std::string> keys;
  std::string next{};  ///< the token that asks for the next page; empty: this was the last
};

/// `upstream_unavailable` when it is no such page: something else than S3 answered.
Result<ListPage> list_page(std::string_view xml);

/// The code of a refusal (`NoSuchKey`, `SlowDown`, …); empty when there is none.
std::string refusal_code(std::string_view xml);

}  // namespace respring::s3
