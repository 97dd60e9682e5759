#include <fstream>

#include "contract/blob_store/blob_store_contract.h"
#include "contract/temporary_folder.h"
#include "local/blob_store.h"

namespace respring::testing {
namespace {

std::unique_ptr<chat::BlobStore> opened(const std::filesystem::path& folder) {
  auto store = local::open_blob_store({.folder = folder, .max_bytes = 1'000'000});
  EXPECT_TRUE(store) << (store ? "" : store.error().detail);
  return store ? std::move(store).value() : nullptr;
}

/// A store together with the folder it lies in.
std::unique_ptr<chat::BlobStore> made() {
  static std::vector<std::unique_ptr<TemporaryFolder>> folders;
  folders.push_back(std::make_unique<TemporaryFolder>());
  return opened(folders.back()->path() / "blobs");
}

INSTANTIATE_TEST_SUITE_P(Adapters, BlobStoreContract,
                         ::testing::Values(BlobStoreMaker{"local", made}),
                         [](const auto& maker) { return maker.param.name; });

TEST(LocalBlobStore, IsThereAgainAfterARestartWithoutUnfinishedFiles) {
  const TemporaryFolder folder;
  ASSERT_TRUE(opened(folder.path())->put("a/b", "1"));
  std::ofstream(folder.path() / ".unfinished" / "17") << "half";
  const auto again = opened(folder.path());
  EXPECT_EQ(again->get("a/b").value(), "1");
  EXPECT_EQ(again->list("").value(), Keys{"a/b"});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / ".unfinished"));
}

TEST(LocalBlobStore, WhoComesLaterLeavesWhatAnotherIsWriting) {
  const TemporaryFolder folder;
  auto first = opened(folder.path());
  const auto draft = folder.path() / ".unfinished" / "half";
  std::ofstream(draft) << "half";
  auto second = opened(folder.path());
  EXPECT_TRUE(std::filesystem::exists(draft));
  ASSERT_TRUE(second->put("a", "1"));
  EXPECT_EQ(first->get("a").value(), "1");
  first.reset();
  second.reset();
  const auto alone = opened(folder.path());
  EXPECT_FALSE(std::filesystem::exists(draft));
}

TEST(LocalBlobStore, RefusesWhatIsTooLarge) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());
  const auto result = store->put("a", std::string(1'000'001, 'x'));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::payload_too_large);
  EXPECT_TRUE(store->put("a", std::string(1'000'000, 'x')));
}

TEST(LocalBlobStore, AKeyCannotBeAFileAndAFolder) {
  const TemporaryFolder folder;
  const auto store = opened(folder.path());
  ASSERT_TRUE(store->put("a", "1"));
  ASSERT_TRUE(store->put("b/c", "1"));
  for (const char* key : {"a/b", "b"}) {
    const auto result = store->put(key, "2");
    ASSERT_FALSE(result) << key;
    EXPECT_EQ(result.error().code, ErrorCode::conflict) << key;
  }
  EXPECT_EQ(store->get("a").value(), "1");
  EXPECT_EQ(store->get("b/c").value(), "1");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / ".unfinished"));
}

TEST(LocalBlobStore, SaysWhenTheFolderCannotBeUsed) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto refused = local::open_blob_store({.folder = folder.path() / "file"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::internal);
  EXPECT_NE(refused.error().detail.find("cannot be used: Not a directory"), std::string::npos)
      << refused.error().detail;
}

}  // namespace
}  // namespace respring::testing
