#include "services/gateway/web_files.h"

#include <gtest/gtest.h>

#include "world.h"

namespace respring::gateway {
namespace {

using net::Method;

constexpr std::string_view kPack =
    "respring-web 1\n"
    "/assets/app-1a2b.js\ttext/javascript; charset=utf-8\t\"aa\"\t1\t5\t3\t2\n"
    "/index.html\ttext/html; charset=utf-8\t\"bb\"\t0\t4\t0\t0\n"
    "/sw.js\ttext/javascript; charset=utf-8\t\"cc\"\t0\t1\t0\t0\n"
    "\n"
    "PLAINgzibrPAGES";

class WebFilesTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    Settings settings;
    settings.web_pack = kPack;
    start(settings);
  }
  net::Response get(const std::string& target, const std::string& coding = "") {
    net::Request asked = request(Method::get, target);
    asked.headers.add("Accept", "text/html,*/*;q=0.8");
    if (!coding.empty()) asked.headers.add("Accept-Encoding", coding);
    return send(asked);
  }
};

TEST_F(WebFilesTest, ServesTheClientAndItsPages) {
  for (const char* path : {"/", "/index.html", "/rooms/5", "/rooms/5/"}) {
    const auto page = get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.body, "PAGE") << path;
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.find("cache-control"), "no-cache");
    const std::string policy(*page.headers.find("content-security-policy"));
    EXPECT_NE(policy.find("script-src 'self'"), policy.npos);
    EXPECT_NE(policy.find("require-trusted-types-for 'script'"), policy.npos);
    EXPECT_NE(policy.find("wss://chat.example.org"), policy.npos);
    EXPECT_EQ(policy.find("unsafe"), policy.npos);
  }
}

TEST_F(WebFilesTest, WhoeverIsNoBrowserGetsNoPageForAPathThatIsNotThere) {
  for (const char* path : {"/v2/rooms", "/metrics", "/rooms/5"})
    EXPECT_EQ(send(request(Method::get, path)).status, 404) << path;
  EXPECT_EQ(send(request(Method::get, "/")).body, "PAGE");
}

TEST_F(WebFilesTest, KeepsHashedAssetsForEver) {
  const auto asset = get("/assets/app-1a2b.js");
  EXPECT_EQ(asset.body, "PLAIN");
  EXPECT_EQ(asset.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(asset.headers.find("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/assets/gone.js").status, 404) << "a script must not turn into a page";
}

TEST_F(WebFilesTest, SendsWhatTheBrowserUnpacks) {
  const auto coded = [this](const char* accepted) {
    const auto answer = get("/assets/app-1a2b.js", accepted);
    EXPECT_EQ(answer.headers.find("vary"), "Accept-Encoding");
    return std::string(answer.headers.find("content-encoding").value_or("")) + ":" + answer.body;
  };
  EXPECT_EQ(coded("gzip, deflate, br"), "br:br");
  EXPECT_EQ(coded("gzip"), "gzip:gzi");
  EXPECT_EQ(coded("br;q=0, gzip ; q=0.5"), "gzip:gzi");
  EXPECT_EQ(coded("identity"), ":PLAIN");
  EXPECT_EQ(coded("brotli"), ":PLAIN");
  EXPECT_FALSE(get("/index.html", "br").headers.has("content-encoding"));
}

TEST_F(WebFilesTest, SaysWhenNothingChanged) {
  net::Request again = request(Method::get, "/");
  again.headers.add("If-None-Match", "\"x\", W/\"bb\"");
  const auto unchanged = send(again);
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.body, "");
  // Browsers put the headers of a 304 over those they keep.
  const std::string policy(*unchanged.headers.find("content-security-policy"));
  EXPECT_NE(policy.find("script-src 'self'"), policy.npos);
}

TEST_F(WebFilesTest, LetsTheServiceWorkerFetchFromUsOnly) {
  EXPECT_EQ(get("/sw.js").headers.find("content-security-policy"),
            "default-src 'none'; connect-src 'self'");
}

TEST_F(WebFilesTest, KnowsNoOtherPaths) {
  for (const char* path : {"/../secret.txt", "/%2e%2e/secret", "/assets/%2e%2e", "/.env", "/%zz"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(code(get("/v1")), "not_found");
  EXPECT_EQ(code(get("/v1/rooms/5")), "not_found");
  EXPECT_EQ(code(send(request(Method::post, "/"))), "not_found");
}

TEST(WebFiles, ABrokenPackIsNoClient) {
  net::Request root;
  root.method = Method::get;
  root.path = "/";
  for (const std::string_view pack :
       {std::string_view(), std::string_view("respring-web 1\n\n"), std::string_view("something"),
        kPack.substr(0, kPack.size() - 1), kPack.substr(0, 40)}) {
    EXPECT_NE(WebFiles(pack).answer(root).body.find("/v1/openapi.json"), std::string::npos);
  }
}

TEST_F(GatewayTest, SaysThatTheApiRunsWhereThereIsNoClient) {
  const auto page = send(request(Method::get, "/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("/v1/openapi.json"), std::string::npos);
  EXPECT_EQ(send(request(Method::get, "/rooms")).status, 404);
}

}  // namespace
}  // namespace respring::gateway
