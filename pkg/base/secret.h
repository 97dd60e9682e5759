#pragma once

#include <string>
#include <utility>

namespace respring {

/// A value that must never be printed or logged: it has no stream operator and no conversion, and
/// whoever needs the text says `reveal()`, which is easy to search for in a review.
template <class T = std::string>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}
  const T& reveal() const { return value_; }

 private:
  T value_{};
};

}  // namespace respring
