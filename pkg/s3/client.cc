#include "s3/client.h"

#include <curl/curl.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <new>

namespace respring::s3 {
namespace {

constexpr std::size_t kMostIdle = 16;
/// A refusal and a page of a list are far below it, whatever max_bytes is.
constexpr std::size_t kLeastAnswer = 4 * 1024 * 1024;

/// Before the first handle, while no other thread uses libcurl; C++ sees to both.
void initialise_once() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)done;  // a failure shows in curl_easy_init()
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

struct Received {
  std::string body;
  std::size_t most = 0;
  bool too_large = false;
};

/// libcurl's write function; less than it was given ends the transfer.
std::size_t receive(char* data, std::size_t, std::size_t size, void* context) noexcept {
  auto& received = *static_cast<Received*>(context);
  received.too_large = received.body.size() + size > received.most;
  if (received.too_large) return 0;
  try {
    received.body.append(data, size);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size;
}

template <class Value>
void set(CURL* curl, CURLoption option, Value value) {
  curl_easy_setopt(curl, option, value);
}

/// What is asked. libcurl signs the hash in this header, and the server compares it with what came.
void set_request(CURL* curl, const Call& call, HeaderList& headers) {
  headers.add("x-amz-content-sha256: " + sha256(call.body));
  headers.add("Expect:");  // a large body goes at once, without a turn to ask whether it may
  if (call.method == Call::Method::put) {
    headers.add("Content-Type: application/octet-stream");
    set(curl, CURLOPT_POSTFIELDS, call.body.data());
    set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(curl, CURLOPT_CUSTOMREQUEST, "PUT");
  }
  if (call.method == Call::Method::delete_) set(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
  set(curl, CURLOPT_HTTPHEADER, headers.get());
}

/// What it may take, and where it may lead: addresses are the settings' matter, not the
/// environment's, and nobody leads on to others.
void set_bounds(CURL* curl, const Options& options, std::chrono::milliseconds left) {
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

Failure::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return Failure::Kind::broken;
    default:
      return Failure::Kind::unavailable;
  }
}

}  // namespace

struct Client::Connection {
  Connection() : curl(curl_easy_init()) {}
  ~Connection() { curl_easy_cleanup(curl); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  CURL* curl;
};

Client::Client(Options options)
    : options_(std::move(options)),
      bucket_url_(options_.bucket_url()),
      signing_("aws:amz:" + options_.region + ":s3"),
      login_(options_.access_key + ":" + options_.secret_key.reveal()) {
  initialise_once();
}

Client::~Client() = default;

std::unique_ptr<Client::Connection> Client::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Connection>();
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void Client::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
}

Result<Answer, Failure> Client::call(const Call& call, Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return Failure{Failure::Kind::unavailable, "the time is over"};
  auto connection = take();
  if (connection->curl == nullptr) return Failure{Failure::Kind::unavailable, "no memory"};
  CURL* curl = connection->curl;
  curl_easy_reset(curl);  // keeps what is connected
  const std::string url =
      bucket_url_ + "/" + call.key + (call.query.empty() ? "" : "?" + call.query);
  set(curl, CURLOPT_URL, url.c_str());
  set(curl, CURLOPT_AWS_SIGV4, signing_.c_str());
  set(curl, CURLOPT_USERPWD, login_.c_str());
  HeaderList headers;
  set_request(curl, call, headers);
  set_bounds(curl, options_, left);
  Received received{{}, std::max(options_.max_bytes, kLeastAnswer), false};
  set(curl, CURLOPT_WRITEFUNCTION, receive);
  set(curl, CURLOPT_WRITEDATA, &received);
  std::array<char, CURL_ERROR_SIZE> said{};
  set(curl, CURLOPT_ERRORBUFFER, said.data());
  const CURLcode code = curl_easy_perform(curl);
  if (received.too_large) return Failure{Failure::Kind::too_large, "the answer is too large"};
  if (code != CURLE_OK)
    return Failure{kind_of(code), said[0] != '\0' ? said.data() : curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  give_back(std::move(connection));
  return Answer{static_cast<int>(status), std::move(received.body)};
}

}  // namespace respring::s3
