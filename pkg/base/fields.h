#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace respring::json {

/// Takes the fields of a request's object one by one and collects what is wrong with them; at the
/// end done() refuses every field nobody asked for (`unknown_field`), so that a typo never passes
/// silently. Borrows the value.
class Fields {
 public:
  explicit Fields(const Value& value);

  /// Nothing and, when it is required, an error `required`; `wrong_type` for another type.
  std::optional<std::string> text(std::string_view name, bool required = true);
  std::optional<std::int64_t> integer(std::string_view name, bool required = true);
  std::optional<bool> boolean(std::string_view name, bool required = true);
  const Array* array(std::string_view name, bool required = true);
  /// Any value, or nullptr when it is absent. null counts as present.
  const Value* any(std::string_view name);
  bool has(std::string_view name) const;

  /// Notes a problem that the caller found himself.
  void fail(std::string_view name, std::string_view code);

  /// The first error: unknown fields are `unknown_field`, everything else `invalid_request`.
  Result<void> done() const;

 private:
  const Value* take(std::string_view name, bool required);

  const Value& value_;
  std::vector<std::string> asked_;
  std::vector<FieldError> errors_;
};

}  // namespace respring::json
