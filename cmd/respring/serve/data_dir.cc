#include "respring/serve/data_dir.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace respring::cmd {
namespace {

Error failure(const std::string& what, const std::filesystem::path& path, int code) {
  return internal(what + " " + path.string() + ": " + std::strerror(code));
}

/// Writes a new file completely and durably, or not at all.
Result<void> write_private(const std::filesystem::path& path, const unsigned char* bytes,
                           std::size_t size) {
  const std::filesystem::path temporary = path.string() + ".new";
  const int file = ::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return failure("cannot create", temporary, errno);
  const bool written = ::write(file, bytes, size) == static_cast<ssize_t>(size) && fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) return failure("cannot write", temporary, code);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failure("cannot write", path, errno);
  return success();
}

}  // namespace

Result<DataDir> DataDir::open(std::filesystem::path path, Use use) {
  DataDir dir(std::move(path));
  std::error_code error;
  if (use == Use::look) {
    if (std::filesystem::is_directory(dir.path_, error)) return dir;
    return not_found("there is no data directory " + dir.path_.string());
  }
  std::filesystem::create_directories(dir.path_, error);
  if (error) return internal("cannot make " + dir.path_.string() + ": " + error.message());
  ::chmod(dir.path_.c_str(), 0700);
  const auto lock = dir.path_ / "LOCK";
  dir.lock_ = ::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (dir.lock_ < 0) return failure("cannot write", lock, errno);
  if (::flock(dir.lock_, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::conflict,
                 "another respring serves from " + dir.path_.string() + " already",
                 {},
                 {}};
  }
  return dir;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir::~DataDir() {
  if (lock_ >= 0) ::close(lock_);
}

std::filesystem::path DataDir::file_of(const std::string& url) const {
  return path_ / url.substr(url.find(':') + 1);  // an absolute one replaces the folder
}

Result<chat::CursorSeal::Key> DataDir::cursor_key() const {
  chat::CursorSeal::Key key{};
  const auto path = path_ / "cursor.key";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    randombytes_buf(key.data(), key.size());
    RESPRING_TRYV(write_private(path, key.data(), key.size()));
    return key;
  }
  const bool whole = ::read(file, key.data(), key.size()) == static_cast<ssize_t>(key.size());
  ::close(file);
  if (!whole) return internal(path.string() + " is damaged; remove it and start again");
  return key;
}

}  // namespace respring::cmd
