#include "backends.h"

namespace respring::store {

std::vector<BackendCase> all_backends() {
  return {{"sqlite", [] { return std::make_unique<SqliteBackend>(); }}};
}

}  // namespace respring::store
