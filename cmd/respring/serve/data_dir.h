#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "chat/cursor_seal.h"

namespace respring::cmd {

/// The embedded event bus and search index.
inline constexpr const char* kBusDatabase = "sqlite:bus.db";
inline constexpr const char* kSearchDatabase = "sqlite:search.db";

/// The folder of everything embedded. Whoever serves from it holds its lock as long as this lives,
/// so that no second process writes to the same files.
class DataDir {
 public:
  enum class Use { serve, look };  ///< look: no lock, and nothing is made

  /// `conflict` when another process serves from it; `not_found` when it is only to be looked at
  /// and is not there; `internal` when it cannot be made or written to.
  static Result<DataDir> open(std::filesystem::path path, Use use);
  ~DataDir();
  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The file of `sqlite:NAME` or `file:NAME`: below this folder unless NAME is absolute.
  std::filesystem::path file_of(const std::string& url) const;
  /// The key that seals cursors: made once, readable by the owner only.
  Result<chat::CursorSeal::Key> cursor_key() const;

 private:
  explicit DataDir(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace respring::cmd
