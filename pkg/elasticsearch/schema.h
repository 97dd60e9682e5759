#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "elasticsearch/options.h"

/// What an index holds and how it is called. Pure.
namespace respring::elasticsearch {

/// Changes whenever chat/search_terms gives other terms for a text, or the mapping changes: an
/// index of another version cannot be searched.
inline constexpr int kTermsVersion = 1;
/// Hits beyond this place are not given: the search is to be narrowed down.
inline constexpr std::int64_t kMaxWindow = 50'000;

/// `NAME-v3`.
std::string index_name(const Options& options, int generation);
/// 3 of `NAME-v3`; nothing for any other index.
std::optional<int> generation_of(const Options& options, std::string_view index);
/// Where documents are read and written: the alias, or the generation that the options name.
std::string target_of(const Options& options);

/// The index template for every generation: settings, analysis and mapping.
std::string template_json(const Options& options);

}  // namespace respring::elasticsearch
