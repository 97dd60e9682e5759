#include "s3/blob_store.h"

#include <algorithm>
#include <condition_variable>
#include <random>

#include "chat/blob_key.h"
#include "net/http.h"
#include "s3/answers.h"
#include "s3/client.h"

namespace respring::s3 {
namespace {

using Method = Call::Method;
using Milliseconds = std::chrono::milliseconds;

/// Half of `time` and a random part of the other half, so that nodes do not come back in step.
Milliseconds jittered(Milliseconds time) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto half = time.count() / 2;
  return Milliseconds(half + std::uniform_int_distribution<long>(0, half)(random));
}

void pause(Milliseconds time) {
  std::mutex mutex;
  std::condition_variable nothing;
  std::unique_lock lock(mutex);
  (void)nothing.wait_for(lock, time);
}

bool is_busy(int status) { return status == 429 || status == 500 || status == 503; }

class S3BlobStore final : public chat::BlobStore {
 public:
  explicit S3BlobStore(Options options) : client_(std::move(options)) {}

  Result<void> put(std::string key, std::string bytes) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    if (bytes.size() > options().max_bytes) return too_large();
    RESPRING_TRY(const auto answer,
                 ask({Method::put, options().prefix + key, {}, std::move(bytes)}));
    return answer.status / 100 == 2 ? Result<void>(success()) : refusal(answer);
  }

  Result<std::string> get(std::string key) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    RESPRING_TRY(auto answer, ask({Method::get, options().prefix + key}));
    if (is_missing(answer)) return not_found("no such blob");
    if (answer.status != 200) return refusal(answer);
    if (answer.body.size() > options().max_bytes) return too_large();
    return std::move(answer.body);
  }

  Result<void> remove(std::string key) override {
    RESPRING_TRYV(chat::check_blob_key(key));
    RESPRING_TRY(const auto answer, ask({Method::delete_, options().prefix + key}));
    if (answer.status / 100 == 2 || is_missing(answer)) return success();
    return refusal(answer);
  }

  Result<std::vector<std::string>> list(std::string prefix) override {
    RESPRING_TRYV(chat::check_blob_prefix(prefix));
    std::vector<std::string> keys;
    std::string token;
    do {
      // In the order of their names, as they are signed.
      const std::string from =
          token.empty() ? "" : "continuation-token=" + net::percent_encode(token) + "&";
      const std::string below = net::percent_encode(options().prefix + prefix);
      RESPRING_TRY(const auto answer, ask({Method::get, {}, from + "list-type=2&prefix=" + below}));
      if (answer.status != 200) return refusal(answer);
      auto page = list_page(answer.body);
      if (!page) return unavailable(where() + ": " + page.error().detail);
      for (const std::string& key : page.value().keys) take(key, prefix, keys);
      // Else the same page would come for ever.
      if (!token.empty() && page.value().next == token)
        return unavailable(where() + ": it says that a page of a list follows itself");
      token = std::move(page.value().next);
    } while (!token.empty());
    std::sort(keys.begin(), keys.end());
    return keys;
  }

 private:
  const Options& options() const { return client_.options(); }
  std::string where() const { return "the blob store at " + options().bucket_url(); }

  /// Others may keep things in the bucket that no key of ours could name: folders' marks.
  void take(const std::string& name, const std::string& prefix,
            std::vector<std::string>& keys) const {
    if (!name.starts_with(options().prefix + prefix)) return;
    std::string key = name.substr(options().prefix.size());
    if (chat::check_blob_key(key)) keys.push_back(std::move(key));
  }

  /// Asks until there is an answer that says something, a few times.
  Result<Answer> ask(const Call& call) {
    const Deadline deadline = std::chrono::steady_clock::now() + options().timeout;
    Milliseconds backoff = options().first_backoff;
    for (int attempt = 1;; ++attempt, backoff *= 2) {
      auto answer = client_.call(call, deadline);
      const bool again =
          answer ? is_busy(answer.value().status) : answer.error().kind == Failure::Kind::broken;
      const Milliseconds wait = jittered(backoff);
      const bool late = std::chrono::steady_clock::now() + wait >= deadline;
      if (again && attempt < options().attempts && !late) {
        pause(wait);
        continue;
      }
      if (answer) return std::move(answer).value();
      if (answer.error().kind == Failure::Kind::too_large) return too_large();
      return unavailable(where() + " does not answer: " + answer.error().why +
                         "; see the setting blobs");
    }
  }

  /// Only S3 says so by a code: what else answers 404 is not asked rightly.
  static bool is_missing(const Answer& answer) {
    return answer.status == 404 && refusal_code(answer.body) == "NoSuchKey";
  }

  Error too_large() const {
    return Error{ErrorCode::payload_too_large,
                 "a blob has at most " + std::to_string(options().max_bytes) + " bytes",
                 {},
                 {}};
  }

  Error refusal(const Answer& answer) const {
    const std::string code = refusal_code(answer.body);
    const std::string said =
        "it answered " + std::to_string(answer.status) + (code.empty() ? "" : " " + code);
    if (code == "NoSuchBucket")
      return unavailable(where() + " has no bucket " + options().bucket +
                         ": make it, or correct the setting blobs");
    const bool unknown = code == "XAdminUserNotFound";  // versitygw's, with 404
    if (answer.status == 401 || answer.status == 403 || unknown) {
      return unavailable(where() + " refuses our keys (" + said +
                         "): look at the settings blobs_access_key and blobs_secret_key_file, the "
                         "rights of that key, and the clock");
    }
    if (answer.status / 100 == 3 || code == "AuthorizationHeaderMalformed") {
      return unavailable(where() + " has the bucket elsewhere (" + said +
                         "): correct region= and endpoint= in the setting blobs");
    }
    if (answer.status == 429 || answer.status == 503)
      return overloaded(where() + " is busy: " + said);
    if (answer.status >= 500) return unavailable(where() + " cannot: " + said);
    return internal(where() + " refused a request: " + said);
  }

  Client client_;
};

}  // namespace

std::unique_ptr<chat::BlobStore> make_blob_store(Options options) {
  return std::make_unique<S3BlobStore>(std::move(options));
}

}  // namespace respring::s3
