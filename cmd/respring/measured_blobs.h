#pragma once

#include <memory>

#include "chat/ports/blob_store.h"

namespace respring::cmd {

/// The same store, and what is asked of it is timed and counted (respring_blob_…), whatever keeps
/// the blobs.
std::unique_ptr<chat::BlobStore> measured(std::unique_ptr<chat::BlobStore> store);

}  // namespace respring::cmd
