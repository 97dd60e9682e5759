#include "sql/error.h"

namespace respring::sql {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::unavailable:
      return "unavailable";
    case Errc::busy:
      return "busy";
    case Errc::unique:
      return "unique";
    case Errc::exists:
      return "exists";
    case Errc::commit_unknown:
      return "commit_unknown";
    case Errc::disk_full:
      return "disk_full";
    case Errc::read_only:
      return "read_only";
    case Errc::corrupt:
      return "corrupt";
    case Errc::newer_schema:
      return "newer_schema";
    case Errc::changed_schema:
      return "changed_schema";
    case Errc::other:
      return "other";
  }
  return "other";
}

Failure::operator Error() const {
  switch (code) {
    case Errc::unavailable:
    case Errc::busy:
    case Errc::disk_full:
    case Errc::read_only:
      return overloaded(detail);
    default:
      return internal(detail);
  }
}

}  // namespace respring::sql
