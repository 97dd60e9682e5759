#include "services/gateway/static_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "world.h"

namespace respring::gateway {
namespace {

namespace fs = std::filesystem;
using net::Method;

class StaticFilesTest : public GatewayTest {
 protected:
  void SetUp() override {
    root = fs::temp_directory_path() / ("respring-web-" + std::to_string(new_id_value()));
    fs::create_directories(root / "dist" / "assets");
    write(root / "secret.txt", "secret");
    write(root / "dist" / "index.html", "<!doctype html>");
    write(root / "dist" / "assets" / "app-1a2b.js", "1");
    write(root / "dist" / ".env", "secret");
    GatewayTest::SetUp();
    Settings settings;
    settings.web_folder = root / "dist";
    start(settings);
  }
  void TearDown() override {
    GatewayTest::TearDown();
    fs::remove_all(root);
  }
  static void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }
  net::Response get(const std::string& target) { return send(request(Method::get, target)); }

  fs::path root;
};

TEST_F(StaticFilesTest, ServesTheClientAndItsPages) {
  for (const char* path : {"/", "/index.html", "/rooms/5", "/rooms/5/"}) {
    const auto page = get(path);
    EXPECT_EQ(page.status, 200) << path;
    ASSERT_TRUE(page.file) << path;
    EXPECT_EQ(page.file->filename(), "index.html") << path;
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.find("cache-control"), "no-cache");
    const std::string policy(*page.headers.find("content-security-policy"));
    EXPECT_NE(policy.find("script-src 'self'"), policy.npos);
    EXPECT_NE(policy.find("wss://chat.example.org"), policy.npos);
    EXPECT_EQ(policy.find("unsafe"), policy.npos);
  }
}

TEST_F(StaticFilesTest, KeepsHashedAssetsForEver) {
  const auto asset = get("/assets/app-1a2b.js");
  EXPECT_EQ(asset.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(asset.headers.find("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/assets/gone.js").status, 404) << "a script must not turn into a page";
}

TEST_F(StaticFilesTest, SaysWhenNothingChanged) {
  const auto first = get("/");
  const std::string etag(*first.headers.find("etag"));
  net::Request again = request(Method::get, "/");
  again.headers.add("If-None-Match", "\"x\", W/" + etag);
  const auto unchanged = send(again);
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_FALSE(unchanged.file);
  write(root / "dist" / "index.html", "<!doctype html><title>2</title>");
  EXPECT_EQ(send(again).status, 200);
}

TEST_F(StaticFilesTest, LetsNobodyOutOfTheFolder) {
  for (const char* path :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt", "/.env", "/%2eenv", "/assets/..%5c..%5csecret.txt",
        "//secret.txt", "/assets/%00", "/%zz", "/./index.html"}) {
    const auto response = get(path);
    EXPECT_TRUE(response.status == 404 ||
                (response.file && response.file->parent_path() == root / "dist"))
        << path;
    if (response.file) {
      EXPECT_EQ(response.file->filename(), "index.html") << path;
    }
  }
}

TEST_F(StaticFilesTest, LeavesTheApiAlone) {
  EXPECT_EQ(code(get("/v1")), "not_found");
  EXPECT_EQ(code(get("/v1/rooms/5")), "not_found");
  EXPECT_EQ(code(send(request(Method::post, "/"))), "not_found");
}

TEST_F(GatewayTest, SaysThatTheApiRunsWhereThereIsNoClient) {
  const auto page = send(request(Method::get, "/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("/v1/openapi.json"), std::string::npos);
  EXPECT_EQ(send(request(Method::get, "/rooms")).status, 404);
}

}  // namespace
}  // namespace respring::gateway
