#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ops/doctor/facts.h"

namespace respring::doctor {

enum class Rank : std::uint8_t { high, medium, low };
std::string_view name_of(Rank rank);

/// One thing that is not as it should be.
struct Finding {
  Rank rank = Rank::low;
  std::string code;      ///< stable: `outbox.old`
  std::string what;      ///< a sentence
  std::string evidence;  ///< the figures it comes from
  std::string repair;    ///< the command, or what to do
};

/// What the facts say, worst first. Pure.
std::vector<Finding> findings_of(const Facts& facts);

}  // namespace respring::doctor
