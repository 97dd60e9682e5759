#pragma once

#include <memory>

#include "chat/ports/blob_store.h"
#include "s3/options.h"

namespace respring::s3 {

/// Blobs in a bucket that is there already; asks nothing of it yet. What the server says with 429,
/// 500 or 503, and a connection that broke, is asked again a few times: every operation may be.
///
/// Besides the port's: `upstream_unavailable` when the bucket cannot be reached or refuses us, with
/// the setting to look at; `overloaded` when it stays busy; `internal` when it refuses a request.
std::unique_ptr<chat::BlobStore> make_blob_store(Options options);

}  // namespace respring::s3
