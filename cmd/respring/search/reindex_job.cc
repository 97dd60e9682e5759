#include "respring/search/reindex_job.h"

#include <fstream>
#include <iterator>

namespace respring::cmd {

ReindexJournal::ReindexJournal(const DataDir& dir) : path_(dir.path() / "search-reindex.json") {}

std::optional<reindex::Checkpoint> ReindexJournal::load() const {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto checkpoint = reindex::checkpoint_from(text);
  if (!checkpoint) return std::nullopt;
  return std::move(checkpoint).value();
}

Result<void> ReindexJournal::save(const reindex::Checkpoint& checkpoint) const {
  const std::filesystem::path fresh = path_.string() + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << reindex::to_json(checkpoint) << '\n';
  out.close();
  if (!out) return internal("cannot write " + fresh.string());
  std::error_code error;
  std::filesystem::rename(fresh, path_, error);
  if (error) return internal("cannot write " + path_.string() + ": " + error.message());
  return success();
}

void ReindexJournal::remove() const {
  std::error_code error;
  std::filesystem::remove(path_, error);
}

}  // namespace respring::cmd
