#include "ops/archive/verify.h"

namespace respring::archive {
namespace {

std::string range_of(const Noted& noted) {
  return "events " + std::to_string(noted.first_seq) + " to " + std::to_string(noted.last_seq);
}

/// One comparison. Objects are listed first: what is archived meanwhile is read when its turn
/// comes, and what is written meanwhile is nobody's concern.
class Comparison {
 public:
  Comparison(chat::BlobStore& blobs, std::vector<std::string> objects, bool quick)
      : blobs_(blobs), unknown_(objects.begin(), objects.end()), quick_(quick) {}

  Result<void> add(Notes& notes, const std::function<void(const Verdict&)>& on_progress) {
    while (true) {
      RESPRING_TRY(const auto noted, notes.next());
      if (!noted) break;
      const bool listed = unknown_.erase(noted->key) > 0;
      if (!quick_ || !listed) {
        RESPRING_TRYV(look_into(notes, *noted));
      }
      ++verdict_.segments;
      verdict_.bytes += noted->bytes;
      on_progress(verdict_);
    }
    RESPRING_TRY(const auto announced, notes.announced());
    for (const auto& key : announced) unknown_.erase(key);
    return success();
  }

  /// Those left over may have come or gone since they were listed.
  Result<Verdict> finish(std::vector<std::unique_ptr<Notes>>& shards) {
    for (const auto& key : unknown_) {
      bool known = false;
      for (const auto& notes : shards) {
        RESPRING_TRY(const bool here, notes->knows(key));
        known = known || here;
      }
      const auto there = known ? Result<std::string>(std::string()) : blobs_.get(key);
      if (!known && there) verdict_.faults.push_back({{}, key + " belongs to no room"});
    }
    return std::move(verdict_);
  }

 private:
  Result<void> look_into(Notes& notes, const Noted& noted) {
    const auto object = blobs_.get(noted.key);
    if (!object && object.error().code != ErrorCode::not_found) return object.error();
    std::optional<std::string> wrong = "its object " + noted.key + " is missing";
    if (object && quick_) return success();
    if (object) {
      RESPRING_TRY(wrong, notes.compare(object.value()));
    }
    if (wrong) verdict_.faults.push_back({noted.room, range_of(noted) + ": " + *wrong});
    return success();
  }

  chat::BlobStore& blobs_;
  std::set<std::string> unknown_;
  bool quick_;
  Verdict verdict_;
};

}  // namespace

Result<Verdict> verify(std::vector<std::unique_ptr<Notes>>& shards, chat::BlobStore& blobs,
                       const std::string& prefix, bool quick,
                       const std::function<void(const Verdict&)>& on_progress) {
  RESPRING_TRY(auto objects, blobs.list(prefix));
  Comparison comparison(blobs, std::move(objects), quick);
  for (auto& notes : shards) {
    RESPRING_TRYV(comparison.add(*notes, on_progress));
  }
  return comparison.finish(shards);
}

}  // namespace respring::archive
