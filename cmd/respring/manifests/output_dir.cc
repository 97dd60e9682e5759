#include "respring/manifests/output_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>

#include "config/yaml_tree.h"

namespace respring::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = ".respring-manifests";
constexpr std::size_t kMostFiles = 10'000;

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return internal("cannot write " + path.string() + ": " + std::strerror(errno));
  return success();
}

Result<void> write_all(const fs::path& dir, const manifests::Files& files,
                       const std::set<std::string>& holds) {
  std::string marker = "The whole folder is replaced by respring manifests render.\n";
  for (const std::string& one : holds) marker += one + "\n";
  RESPRING_TRYV(write_file(dir / kMarker, marker));
  for (const auto& [name, text] : files) {
    RESPRING_TRYV(write_file(dir / name, text));
  }
  return success();
}

/// What an earlier render left there, as it wrote into its marker.
std::set<std::string> held_by(const fs::path& dir) {
  std::set<std::string> held;
  std::ifstream marker(dir / kMarker);
  std::string line;
  std::getline(marker, line);  // for people
  while (std::getline(marker, line)) held.insert(line);
  return held;
}

Result<void> nothing_lost(const fs::path& dir, const std::set<std::string>& holds) {
  for (const std::string& one : held_by(dir)) {
    if (holds.contains(one)) continue;
    return Error{ErrorCode::conflict,
                 dir.string() + " holds what was rendered for " + one + ", which would be gone",
                 {},
                 {}};
  }
  return success();
}

/// Whether the folder may be replaced: it is not there, empty, or ours.
Result<bool> exists_and_ours(const fs::path& dir) {
  std::error_code error;
  if (!fs::exists(dir, error)) return false;
  if (!fs::is_directory(dir, error)) return invalid(dir.string() + " is not a folder");
  if (fs::exists(dir / kMarker, error) || fs::is_empty(dir, error)) return true;
  return Error{ErrorCode::conflict,
               dir.string() + " holds files that did not come from `respring manifests render`",
               {},
               {}};
}

Result<void> put_in_place(const fs::path& fresh, const fs::path& dir, bool exists) {
  const unsigned flags = exists ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, dir.c_str(), flags) != 0)
    return internal("cannot put " + dir.string() + " in place: " + std::strerror(errno));
  return success();
}

}  // namespace

Result<void> replace_folder(const std::string& dir, const manifests::Files& files,
                            const std::set<std::string>& holds) {
  if (dir.empty()) return invalid("the folder has no name");
  fs::path target = fs::path(dir).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  RESPRING_TRY(const bool exists, exists_and_ours(target));
  RESPRING_TRYV(nothing_lost(target, holds));
  std::error_code error;
  if (!target.parent_path().empty()) fs::create_directories(target.parent_path(), error);
  const fs::path fresh = target.string() + ".new-" + std::to_string(getpid());
  auto done = write_all(fresh, files, holds);
  if (done) done = put_in_place(fresh, target, exists);
  fs::remove_all(fresh, error);  // what was written in vain, or what was there before
  return done;
}

Result<manifests::Files> read_folder(const std::string& path) {
  manifests::Files files;
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    auto text = config::read_file(path);
    if (!text) return invalid(text.error().where + ": " + text.error().why);
    files[path] = std::move(text).value();
    return files;
  }
  if (!fs::is_directory(path, error)) return not_found(path + " is neither a folder nor a file");
  for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
    if (!entry.is_regular_file() || entry.path().filename() == kMarker) continue;
    if (files.size() == kMostFiles) return invalid(path + " holds more than 10,000 files");
    auto text = config::read_file(entry.path().string());
    if (!text) return invalid(text.error().where + ": " + text.error().why);
    files[entry.path().lexically_relative(path).string()] = std::move(text).value();
  }
  if (files.empty()) return not_found(path + " holds no files");
  return files;
}

}  // namespace respring::cmd
