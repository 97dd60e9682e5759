#include "local/blob_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ids.h"
#include "chat/blob_key.h"

namespace respring::local {
namespace {

namespace fs = std::filesystem;

/// Unfinished files. No key begins with a dot.
constexpr const char* kUnfinished = ".unfinished";

Error failed(std::string_view action, int error) {
  if (error == ENOTDIR || error == EISDIR || error == EEXIST)
    return Error{ErrorCode::conflict, "a key is a folder of another key", {}, {}};
  const std::string reason = std::generic_category().message(error);
  return internal("blob store: " + std::string(action) + ": " + reason);
}

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<void> sync_folder(const fs::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  if (!file || ::fsync(file.fd()) != 0) return failed("sync a folder", errno);
  return success();
}

Result<void> write_all(const File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file.fd(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.fd()) != 0) return failed("sync", errno);
  return success();
}

/// Makes the folders of a path durable, outermost first.
Result<void> make_folders(const fs::path& root, const fs::path& folder) {
  if (folder == root) return success();
  if (::access(folder.c_str(), F_OK) == 0) return success();
  RESPRING_TRYV(make_folders(root, folder.parent_path()));
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return failed("make a folder", errno);
  return sync_folder(folder.parent_path());
}

class LocalBlobStore final : public chat::BlobStore {
 public:
  explicit LocalBlobStore(BlobStoreOptions options) : options_(std::move(options)) {}
  ~LocalBlobStore() override {
    if (lock_ >= 0) ::close(lock_);
  }

  /// Makes the folder and clears what a crash left unfinished, unless somebody else is at work.
  Result<void> prepare() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (!error) fs::create_directory(unfinished(), error);
    if (error) return not_usable(error.value());
    RESPRING_TRYV(share_unfinished());
    RESPRING_TRYV(sync_folder(fs::absolute(options_.folder).parent_path()));
    return sync_folder(options_.folder);
  }

  Result<void> put(std::string key, std::string bytes) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    if (bytes.size() > options_.max_bytes) return too_large();
    const fs::path target = options_.folder / key;
    const fs::path draft = unfinished() / random_token(12);
    auto result = write_draft(draft, bytes);
    if (result) result = make_folders(options_.folder, target.parent_path());
    if (result && ::rename(draft.c_str(), target.c_str()) != 0) result = failed("rename", errno);
    if (!result) {
      ::unlink(draft.c_str());
      return result;
    }
    return sync_folder(target.parent_path());
  }

  Result<std::string> get(std::string key) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    const File file(options_.folder / key, O_RDONLY);
    struct stat info {};
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return not_found("no such blob");
    if (!file || ::fstat(file.fd(), &info) != 0) return failed("open", errno);
    if (S_ISDIR(info.st_mode)) return not_found("no such blob");
    if (static_cast<std::size_t>(info.st_size) > options_.max_bytes) return too_large();
    return read_all(file, static_cast<std::size_t>(info.st_size));
  }

  Result<void> remove(std::string key) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    const fs::path target = options_.folder / key;
    if (::unlink(target.c_str()) != 0) {
      if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) return success();
      return failed("remove", errno);
    }
    return sync_folder(target.parent_path());
  }

  Result<std::vector<std::string>> list(std::string prefix) override {
    RESPRING_TRYV(chat::check_blob_prefix(prefix));
    std::vector<std::string> keys;
    std::error_code error;
    auto at = fs::recursive_directory_iterator(options_.folder, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      if (at->path() == unfinished()) {
        at.disable_recursion_pending();
        continue;
      }
      std::string key = at->path().lexically_relative(options_.folder).generic_string();
      std::error_code gone;  // removed since the folder was read
      if (at->is_regular_file(gone) && key.starts_with(prefix)) keys.push_back(std::move(key));
    }
    if (error) return failed("list", error.value());
    std::sort(keys.begin(), keys.end());
    return keys;
  }

 private:
  /// Whoever uses the folder holds its lock with others, and who had it alone has nobody's files
  /// before him but those of the dead. Between the two locks nobody can be hurt: this has no file
  /// yet.
  Result<void> share_unfinished() {
    lock_ = ::open(unfinished().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ < 0) return not_usable(errno);
    std::error_code error;
    if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) {
      for (const auto& file : fs::directory_iterator(unfinished(), error))
        fs::remove_all(file.path(), error);
    }
    if (error) return not_usable(error.value());
    while (::flock(lock_, LOCK_SH) != 0) {
      if (errno != EINTR) return not_usable(errno);
    }
    return success();
  }

  Error not_usable(int error) const {
    return internal("blob store: " + options_.folder.string() +
                    " cannot be used: " + std::generic_category().message(error));
  }

  fs::path unfinished() const { return options_.folder / kUnfinished; }

  Error too_large() const {
    return Error{ErrorCode::payload_too_large,
                 "a blob has at most " + std::to_string(options_.max_bytes) + " bytes",
                 {},
                 {}};
  }

  static Result<void> write_draft(const fs::path& draft, std::string_view bytes) {
    const File file(draft, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return failed("create", errno);
    return write_all(file, bytes);
  }

  static Result<std::string> read_all(const File& file, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size;) {
      const auto got = ::read(file.fd(), bytes.data() + at, size - at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", errno);
      if (got == 0) return internal("blob store: a file is shorter than it said");
      at += static_cast<std::size_t>(got);
    }
    return bytes;
  }

  BlobStoreOptions options_;
  int lock_ = -1;
};

}  // namespace

Result<std::unique_ptr<chat::BlobStore>> open_blob_store(BlobStoreOptions options) {
  auto store = std::make_unique<LocalBlobStore>(std::move(options));
  RESPRING_TRYV(store->prepare());
  return std::unique_ptr<chat::BlobStore>(std::move(store));
}

}  // namespace respring::local
