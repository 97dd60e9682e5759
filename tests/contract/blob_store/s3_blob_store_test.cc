#include <atomic>

#include "contract/blob_store/blob_store_contract.h"
#include "s3/blob_store.h"
#include "stack/endpoints.h"

namespace respring::testing {
namespace {

/// One server for all of this; the last test that kills one has its own.
const stack::S3Endpoint& shared_server() {
  static const stack::PrivateServer server("s3");
  static const stack::S3Endpoint endpoint = server.endpoints().s3();
  return endpoint;
}

s3::Options options_of(const stack::S3Endpoint& endpoint) {
  auto options = s3::options_from("s3://" + endpoint.bucket + "?endpoint=" + endpoint.url).value();
  options.access_key = endpoint.access_key;
  options.secret_key = Secret<std::string>(endpoint.secret_key);
  return options;
}

/// Everybody's own part of the bucket.
s3::Options fresh() {
  static std::atomic<int> number{0};
  auto options = options_of(shared_server());
  options.prefix = "part-" + std::to_string(number.fetch_add(1)) + "/";
  return options;
}

INSTANTIATE_TEST_SUITE_P(Adapters, BlobStoreContract,
                         ::testing::Values(BlobStoreMaker{
                             "s3", [] { return s3::make_blob_store(fresh()); }}),
                         [](const auto& maker) { return maker.param.name; });

/// Refused in a sentence with the words, without the secret.
template <class Outcome>
void expect_unavailable(const Outcome& outcome, const std::string& words) {
  ASSERT_FALSE(outcome);
  const Error& error = outcome.error();
  EXPECT_EQ(error.code, ErrorCode::upstream_unavailable) << error.detail;
  EXPECT_NE(error.detail.find(words), std::string::npos) << error.detail;
  EXPECT_EQ(error.detail.find(shared_server().secret_key), std::string::npos);
  EXPECT_EQ(error.detail.find("hunter2"), std::string::npos);
}

TEST(S3BlobStore, ListsMoreThanOnePage) {
  const auto store = s3::make_blob_store(fresh());
  Keys keys;
  for (int i = 0; i < 1'005; ++i) {
    const std::string digits = std::to_string(10'000 + i);
    keys.push_back("k/" + digits);
    ASSERT_TRUE(store->put(keys.back(), ""));
  }
  EXPECT_EQ(store->list("k/").value(), keys);
}

TEST(S3BlobStore, ItsPrefixIsItsOwn) {
  auto options = fresh();
  const auto one = s3::make_blob_store(options);
  options.prefix = options.prefix.substr(0, options.prefix.size() - 1) + "-b/";
  const auto other = s3::make_blob_store(options);
  ASSERT_TRUE(one->put("a", "1"));
  EXPECT_EQ(other->get("a").error().code, ErrorCode::not_found);
  EXPECT_EQ(other->list("").value(), Keys{});
  EXPECT_EQ(one->list("").value(), Keys{"a"});
}

TEST(S3BlobStore, MovesLargeValues) {
  const auto store = s3::make_blob_store(fresh());
  std::string bytes(20 * 1024 * 1024, 'x');
  bytes[12'345'678] = 'y';
  ASSERT_TRUE(store->put("large", bytes));
  EXPECT_TRUE(store->get("large").value() == bytes);
}

TEST(S3BlobStore, ServesManyThreads) {
  const auto store = s3::make_blob_store(fresh());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&store, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        EXPECT_TRUE(store->put(key, key));
        EXPECT_EQ(store->get(key).value(), key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store->list("").value().size(), 100U);
}

TEST(S3BlobStore, SaysWhichSettingsARefusalIsAbout) {
  auto options = fresh();
  options.secret_key = Secret<std::string>("hunter2");
  expect_unavailable(s3::make_blob_store(options)->list(""), "blobs_secret_key_file");
  expect_unavailable(s3::make_blob_store(options)->get("a"), "blobs_secret_key_file");
  expect_unavailable(s3::make_blob_store(options)->put("a", "1"), "blobs_secret_key_file");
  options = fresh();
  options.access_key = "nobody";
  expect_unavailable(s3::make_blob_store(options)->put("a", "1"), "blobs_access_key");
  options = fresh();
  options.bucket = "not-there";
  expect_unavailable(s3::make_blob_store(options)->put("a", "1"), "no bucket not-there");
  expect_unavailable(s3::make_blob_store(options)->get("a"), "no bucket not-there");
  expect_unavailable(s3::make_blob_store(options)->list(""), "no bucket not-there");
  options = fresh();
  options.region = "eu-north-1";
  expect_unavailable(s3::make_blob_store(options)->put("a", "1"), "region=");
}

TEST(S3BlobStore, TrustsOnlyAuthoritiesThatTheMachineKnows) {
  const stack::PrivateServer server("s3tls");
  const auto store = s3::make_blob_store(options_of(server.endpoints().s3("s3tls")));
  expect_unavailable(store->list(""), "certificate");
}

TEST(S3BlobStore, AServerThatIsGoneComesBack) {
  stack::PrivateServer server("s3");
  auto options = options_of(server.endpoints().s3());
  options.stall_timeout = std::chrono::seconds(1);
  options.timeout = std::chrono::seconds(10);
  const auto store = s3::make_blob_store(options);
  ASSERT_TRUE(store->put("a", "1"));
  server.pause();  // it takes the connection and says nothing
  const auto begun = std::chrono::steady_clock::now();
  expect_unavailable(store->get("a"), "does not answer");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, options.timeout);
  server.resume();
  EXPECT_EQ(store->get("a").value(), "1");
  server.kill();
  expect_unavailable(store->get("a"), "does not answer");
  expect_unavailable(store->put("b", "1"), "the setting blobs");
  server.start();  // the connection that was kept is dead
  EXPECT_EQ(store->get("a").value(), "1");
}

}  // namespace
}  // namespace respring::testing
