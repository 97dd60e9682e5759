// The server as a client sees it: over a real loopback socket, byte by byte.

#include "net/http_server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "async/completion.h"
#include "base/json.h"
#include "raw_client.h"

namespace respring::net {
namespace {

using std::chrono::milliseconds;
using test::RawClient;

const std::string kHost = "Host: test\r\n";

std::string get(const std::string& target, const std::string& fields = {}) {
  return "GET " + target + " HTTP/1.1\r\n" + kHost + fields + "\r\n";
}
std::string post(const std::string& target, const std::string& body,
                 const std::string& fields = {}) {
  return "POST " + target + " HTTP/1.1\r\n" + kHost + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string code_of(const RawClient::Answer& answer) {
  const auto body = json::parse(answer.body);
  return body ? body.value().string_or("code") : "";
}

/// A request to /held is handled until it is over.
struct Held {
  std::atomic<bool> begun{false};
  std::atomic<bool> over{false};
};

Task<Response> answer_request(Request& request, std::filesystem::path file) {
  if (request.path == "/throws") throw std::runtime_error("secret");
  if (request.path == "/slow") co_await async::sleep_for(milliseconds(300));
  Response response = json_response(
      200, std::string(name_of(request.method)) + " " + request.target + " " + request.body);
  if (request.path == "/file") response.file = file;
  if (request.path == "/gone") response.file = file.string() + ".gone";
  if (request.path == "/inject") response.headers.add("X-Bad", "a\r\nX-Injected: b");
  if (request.path == "/trace") response.body = request.trace_id + " " + request.remote_ip;
  if (request.path == "/stream" || request.path == "/broken-stream") {
    auto left = std::make_shared<int>(3);
    const bool breaks = request.path == "/broken-stream";
    response.stream = [left, breaks]() -> Task<Result<std::optional<std::string>>> {
      struct Next {
        static Task<Result<std::optional<std::string>>> run(std::shared_ptr<int> n, bool fails) {
          if (--*n < 0) co_return std::optional<std::string>();
          if (fails && *n == 0) co_return internal("lost");
          co_return std::optional<std::string>("line " + std::to_string(*n) + "\n");
        }
      };
      return Next::run(left, breaks);
    };
  }
  co_return response;
}

Task<Response> answer_when_over(Request& request, std::filesystem::path file,
                                std::shared_ptr<Held> held) {
  held->begun = true;
  while (!held->over) co_await async::sleep_for(milliseconds(1));
  co_return co_await answer_request(request, std::move(file));
}

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = std::filesystem::temp_directory_path() / ("respring-" + new_uuid().str());
    std::ofstream(file_) << std::string(200'000, 'f');
    options_.sweep = milliseconds(10);
    options_.linger = milliseconds(200);
    pool_.start();
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove(file_);
  }

  std::uint16_t start() {
    auto handler = [file = file_, held = held_](Request& request) {
      return request.path == "/held" ? answer_when_over(request, file, held)
                                     : answer_request(request, file);
    };
    server_.emplace(pool_, options_, handler);
    EXPECT_TRUE(server_->start());
    return server_->port();
  }

  async::IoPool pool_{2};
  HttpServerOptions options_;
  std::filesystem::path file_;
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
  std::optional<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  RawClient client(start());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/a?b=%20"));
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET /a?b=%20 ");
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_TRUE(answer.headers.contains("date"));
  }
  client.send(post("/b", "body"));
  EXPECT_EQ(client.answer().body, "POST /b body");
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawClient client(start());
  client.send(get("/slow") + post("/2", "x") + "\r\n" + get("/3", "Connection: close\r\n"));
  EXPECT_EQ(client.answer().body, "GET /slow ");
  EXPECT_EQ(client.answer().body, "POST /2 x");
  const auto last = client.answer();
  EXPECT_EQ(last.body, "GET /3 ");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, BytesMayArriveOneByOne) {
  RawClient client(start());
  for (const char c : post("/drip", "한글")) ASSERT_TRUE(client.send(std::string(1, c)));
  EXPECT_EQ(client.answer().body, "POST /drip 한글");
}

TEST_F(HttpServerTest, ReadsChunkedBodiesAndIgnoresTrailers) {
  RawClient client(start());
  client.send("POST /c HTTP/1.1\r\n" + kHost +
              "Transfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\n"
              "Authorization: late\r\n\r\n" +
              get("/next"));
  EXPECT_EQ(client.answer().body, "POST /c wikipedia");
  EXPECT_EQ(client.answer().body, "GET /next ");
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  RawClient client(start());
  client.send("HEAD /h HTTP/1.1\r\n" + kHost + "\r\n" + get("/after"));
  const auto head = client.answer(true);
  EXPECT_EQ(head.headers.at("content-length"), "8");
  EXPECT_EQ(client.answer().body, "GET /after ");
}

TEST_F(HttpServerTest, Http10ClosesUnlessAsked) {
  const auto port = start();
  RawClient client(port);
  client.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "GET /old ");
  EXPECT_TRUE(client.ended());
  RawClient keeps(port);
  keeps.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(keeps.answer().body, "GET /1 ");
  EXPECT_EQ(keeps.answer().body, "GET /2 ");
  EXPECT_TRUE(keeps.ended());
}

TEST_F(HttpServerTest, ContinuesWhenAskedFirst) {
  RawClient client(start());
  client.send("POST /e HTTP/1.1\r\n" + kHost + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.answer(true).status, 100);
  client.send("ok");
  EXPECT_EQ(client.answer().body, "POST /e ok");
}

TEST_F(HttpServerTest, RefusesByNameAndCloses) {
  const auto port = start();
  const std::string large(65'537, 'x');
  const std::tuple<std::string, int, std::string> cases[] = {
      {get("/" + std::string(9000, 'a')), 414, "uri_too_long"},
      {get("/", "x: " + std::string(17'000, 'a') + "\r\n"), 431, "headers_too_large"},
      {post("/", large), 413, "payload_too_large"},
      {"POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + large, 413,
       "payload_too_large"},
      {"POST / HTTP/1.1\r\n" + kHost + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
       400, "invalid_request"},
      {"POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
       "invalid_request"},
      {"POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
       400, "invalid_request"},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "invalid_request"},
      {"hello there\r\n\r\n", 400, "invalid_request"},
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "invalid_request"},
  };
  for (const auto& [bytes, status, code] : cases) {
    RawClient client(port);
    client.send(bytes);
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, status) << bytes.substr(0, 60);
    EXPECT_EQ(code_of(answer), code) << bytes.substr(0, 60);
    EXPECT_TRUE(client.ended()) << bytes.substr(0, 60);
  }
  RawClient still(port);
  still.send(get("/alive"));
  EXPECT_EQ(still.answer().status, 200);
}

TEST_F(HttpServerTest, ItsOwnRefusalsCarryTheHeadersOfTheSite) {
  options_.refusal_headers.add("X-Content-Type-Options", "nosniff");
  RawClient client(start());
  client.send("garbage\r\n\r\n");
  EXPECT_EQ(client.answer().headers.at("x-content-type-options"), "nosniff");
}

TEST_F(HttpServerTest, LargestBodyIsTaken) {
  RawClient client(start());
  client.send(post("/", std::string(65'536, 'x')));
  EXPECT_EQ(client.answer().body.size(), 65'536U + 7);
}

TEST_F(HttpServerTest, ARouteMayHaveItsOwnBodyLimit) {
  options_.body_limit = [](const Request& request) -> std::optional<std::size_t> {
    return request.path == "/small" ? std::optional<std::size_t>(3) : std::nullopt;
  };
  const auto port = start();
  RawClient refused(port);
  refused.send(post("/small", "1234"));
  EXPECT_EQ(refused.answer().status, 413);
  RawClient fine(port);
  fine.send(post("/small", "123") + post("/other", "1234"));
  EXPECT_EQ(fine.answer().status, 200);
  EXPECT_EQ(fine.answer().status, 200);
}

TEST_F(HttpServerTest, TimesOut) {
  options_.head_timeout = milliseconds(50);
  options_.body_timeout = milliseconds(50);
  options_.idle_timeout = milliseconds(50);
  const auto port = start();
  RawClient head(port);
  head.send("GET / HT");
  EXPECT_EQ(code_of(head.answer()), "request_timeout");
  EXPECT_TRUE(head.ended());
  RawClient body(port);
  body.send("POST / HTTP/1.1\r\n" + kHost + "Content-Length: 5\r\n\r\nab");
  EXPECT_EQ(body.answer().status, 408);
  EXPECT_TRUE(body.ended());
  RawClient silent(port);
  EXPECT_TRUE(silent.ended());
  RawClient idle(port);
  idle.send(get("/"));
  EXPECT_EQ(idle.answer().status, 200);
  EXPECT_TRUE(idle.ended());
}

TEST_F(HttpServerTest, AClientThatNeverReadsIsCutOff) {
  options_.write_timeout = milliseconds(100);
  const auto port = start();
  RawClient client(port, 4096);
  client.send(get("/"));
  EXPECT_EQ(client.answer().status, 200);
  ASSERT_EQ(server_->connections(), 1U);
  std::string many;
  for (int i = 0; i < 100; ++i) many += get("/file");  // 20 MB of answers, more than any buffer
  client.send(many);
  while (server_->connections() != 0) std::this_thread::yield();
}

TEST_F(HttpServerTest, AThrowingHandlerIsAProblemThatTellsNothing) {
  std::mutex mutex;
  std::string fault;
  options_.on_fault = [&](std::string_view what) {
    const std::lock_guard lock(mutex);
    fault = what;
  };
  RawClient client(start());
  client.send(get("/throws") + get("/next"));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(client.answer().status, 200);
  const std::lock_guard lock(mutex);
  EXPECT_NE(fault.find("secret"), std::string::npos);
}

TEST_F(HttpServerTest, ServesFilesAndStreams) {
  const auto port = start();
  RawClient client(port);
  client.send(get("/file") + get("/stream") + get("/gone") + get("/after"));
  EXPECT_EQ(client.answer().body, std::string(200'000, 'f'));
  EXPECT_EQ(client.answer().body, "line 2\nline 1\nline 0\n");
  EXPECT_EQ(client.answer().status, 404);
  EXPECT_EQ(client.answer().status, 200);
  RawClient broken(port);
  broken.send(get("/broken-stream"));
  const std::string bytes = broken.rest();
  EXPECT_FALSE(bytes.ends_with("0\r\n\r\n")) << "a broken stream must not look complete";
  RawClient old(port);
  old.send("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.rest().ends_with("\r\n\r\nline 2\nline 1\nline 0\n"));
}

TEST_F(HttpServerTest, HeadersCannotBeInjected) {
  RawClient client(start());
  client.send(get("/inject"));
  const auto answer = client.answer();
  EXPECT_FALSE(answer.headers.contains("x-injected"));
  EXPECT_FALSE(answer.headers.contains("x-bad"));
}

TEST_F(HttpServerTest, FollowsTraceparent) {
  RawClient client(start());
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  client.send(get("/trace", "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n") +
              get("/trace", "traceparent: 00-" + trace + "-0000000000000000-01\r\n"));
  EXPECT_EQ(client.answer().body, trace + " 127.0.0.1");
  const std::string fresh = client.answer().body;
  EXPECT_EQ(fresh.size(), 32U + 10);
  EXPECT_FALSE(fresh.starts_with(trace));
}

TEST_F(HttpServerTest, TurnsAwayWhatIsTooMuch) {
  options_.max_connections = 2;
  const auto port = start();
  RawClient one(port);
  RawClient two(port);
  one.send(get("/"));
  two.send(get("/"));
  EXPECT_EQ(one.answer().status, 200);
  EXPECT_EQ(two.answer().status, 200);
  RawClient three(port);
  const auto answer = three.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  one.close();
  while (server_->connections() == 2) std::this_thread::yield();
  RawClient four(port);
  four.send(get("/"));
  EXPECT_EQ(four.answer().status, 200);
}

TEST_F(HttpServerTest, DrainFinishesWhatIsInFlight) {
  const auto port = start();
  RawClient busy(port);
  RawClient idle(port);
  RawClient silent(port);
  idle.send(get("/"));
  EXPECT_EQ(idle.answer().status, 200);
  busy.send(get("/held"));
  while (!held_->begun) std::this_thread::yield();
  std::thread stopping([&] { EXPECT_TRUE(server_->stop(std::chrono::seconds(10))); });
  EXPECT_EQ(idle.answer().status, 408);  // what he may be sending now was not read
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(silent.ended());
  held_->over = true;
  const auto answer = busy.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(busy.ended());
  stopping.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST_F(HttpServerTest, StopCutsWhatDoesNotEnd) {
  RawClient client(start());
  client.send("POST / HTTP/1.1\r\n" + kHost + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.answer(true).status, 100);
  EXPECT_FALSE(server_->stop(milliseconds(50)));
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, WaitsForDescriptorsInsteadOfSpinning) {
  std::atomic<int> faults{0};
  options_.on_fault = [&](std::string_view) { ++faults; };
  const auto port = start();
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit tight = before;
  tight.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  std::vector<int> all;  // every free descriptor, wherever it is …
  for (int one = ::dup(0); one >= 0; one = ::dup(0)) all.push_back(one);
  ::close(all.back());  // … but the client's
  all.pop_back();
  const auto begun = std::chrono::steady_clock::now();
  RawClient client(port);
  client.send(get("/"));
  const auto patience = begun + std::chrono::seconds(10);
  while (faults == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  EXPECT_GT(faults, 0);
  std::this_thread::sleep_for(milliseconds(250));
  const int until_now = faults;
  const auto pauses = (std::chrono::steady_clock::now() - begun) / milliseconds(100);
  EXPECT_LE(until_now, pauses + 1);
  for (const int one : all) ::close(one);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(client.answer().status, 200);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  options_.port = start();
  HttpServer second(pool_, options_, [](Request& request) { return answer_request(request, {}); });
  const auto refused = second.start();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("cannot listen"), std::string::npos);
}

}  // namespace
}  // namespace respring::net
