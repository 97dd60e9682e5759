#include "net/header_validator.h"

#include <gtest/gtest.h>

#include <string>

namespace respring::net {
namespace {

struct Case {
  std::string name;
  std::string head;
  std::optional<ErrorCode> refused;  // nothing: accepted
};

const ErrorCode kBad = ErrorCode::invalid_request;
const std::string kHost = "Host: a.example\r\n";

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\n" + fields + "\r\n"; }
std::string line(const std::string& request_line) { return request_line + "\r\n" + kHost + "\r\n"; }
std::string post(const std::string& fields) {
  return "POST /x HTTP/1.1\r\n" + kHost + fields + "\r\n";
}
std::string many_fields(int n) {
  std::string fields = kHost;
  for (int i = 1; i < n; ++i) fields += "x-" + std::to_string(i) + ": 1\r\n";
  return get(fields);
}

const Case kCases[] = {
    {"plain", get(kHost), {}},
    {"port in host", get("Host: a.example:8080\r\n"), {}},
    {"IPv6 host", get("Host: [::1]:8080\r\n"), {}},
    {"1.0 without host", "GET / HTTP/1.0\r\n\r\n", {}},
    {"no space after colon", get("Host:a\r\n"), {}},
    {"empty value", get(kHost + "x-empty:\r\n"), {}},
    {"UTF-8 in a value", get(kHost + "x: 한글\r\n"), {}},
    {"query", line("GET /v1/search?q=%EC%BB%A4&limit=5 HTTP/1.1"), {}},
    {"chunked", post("Transfer-Encoding: chunked\r\n"), {}},
    {"length", post("content-LENGTH: 12\r\n"), {}},
    {"100 fields", many_fields(100), {}},

    {"no host", get(""), kBad},
    {"two hosts", get(kHost + kHost), kBad},
    {"two hosts in 1.0", "GET / HTTP/1.0\r\n" + kHost + kHost + "\r\n", kBad},
    {"empty host", get("Host:\r\n"), kBad},
    {"list of hosts", get("Host: a, b\r\n"), kBad},
    {"host with user", get("Host: a@b\r\n"), kBad},
    {"length and chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), kBad},
    {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), kBad},
    {"two lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), kBad},
    {"list of lengths", post("Content-Length: 5, 5\r\n"), kBad},
    {"signed length", post("Content-Length: +5\r\n"), kBad},
    {"negative length", post("Content-Length: -5\r\n"), kBad},
    {"hex length", post("Content-Length: 0x5\r\n"), kBad},
    {"empty length", post("Content-Length:\r\n"), kBad},
    {"overflowing length", post("Content-Length: 18446744073709551621\r\n"), kBad},
    {"space in length", post("Content-Length: 5 5\r\n"), kBad},
    {"xchunked", post("Transfer-Encoding: xchunked\r\n"), kBad},
    {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), kBad},
    {"identity", post("Transfer-Encoding: identity\r\n"), kBad},
    {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), kBad},
    {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n"), kBad},
    {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n"), kBad},
    {"vertical tab before chunked",
     post("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     kBad},
    {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", kBad},
    {"space before colon", get("Host : a\r\n"), kBad},
    {"tab before colon", post("Content-Length\t: 5\r\n"), kBad},
    {"folded line", get(kHost + "x: a\r\n b\r\n"), kBad},
    {"folded by a tab", get(kHost + "x: a\r\n\tb\r\n"), kBad},
    {"leading space in first field", get(" " + kHost), kBad},
    {"bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", kBad},
    {"bare LF between fields", get("Host: a\nx: b\r\n"), kBad},
    {"bare CR in a value", get(kHost + "x: a\rb\r\n"), kBad},
    {"CR CR LF", get(kHost + "x: a\r\r\n"), kBad},
    {"NUL in a value", get(kHost + std::string("x: a\0b\r\n", 8)), kBad},
    {"DEL in a value", get(kHost + "x: a\x7f\r\n"), kBad},
    {"empty name", get(kHost + ": a\r\n"), kBad},
    {"no colon", get(kHost + "nonsense\r\n"), kBad},
    {"bad byte in name", get(kHost + "x(y): a\r\n"), kBad},
    {"non-ASCII name", get(kHost + "h\xc3\xa9: a\r\n"), kBad},
    {"HTTP/2.0", line("GET / HTTP/2.0"), kBad},
    {"HTTP/1.2", line("GET / HTTP/1.2"), kBad},
    {"lower-case version", line("GET / http/1.1"), kBad},
    {"HTTP/0.9", "GET /\r\n\r\n", kBad},
    {"absolute target", line("GET http://a/ HTTP/1.1"), kBad},
    {"authority target", line("CONNECT a:443 HTTP/1.1"), kBad},
    {"asterisk target", line("OPTIONS * HTTP/1.1"), kBad},
    {"fragment", line("GET /a#b HTTP/1.1"), kBad},
    {"space in target", line("GET /a b HTTP/1.1"), kBad},
    {"two spaces", line("GET  / HTTP/1.1"), kBad},
    {"trailing space", line("GET / HTTP/1.1 "), kBad},
    {"leading space", line(" GET / HTTP/1.1"), kBad},
    {"bad method", line("GE(T / HTTP/1.1"), kBad},
    {"long method", line(std::string(40, 'A') + " / HTTP/1.1"), kBad},
    {"raw UTF-8 in target", line("GET /한글 HTTP/1.1"), kBad},
    {"broken escape", line("GET /%zz HTTP/1.1"), kBad},
    {"cut escape", line("GET /%a HTTP/1.1"), kBad},
    {"lone percent", line("GET /?q=% HTTP/1.1"), kBad},
    {"data after the end", get(kHost) + "x: y\r\n\r\n", kBad},
    {"no end", "GET / HTTP/1.1\r\n" + kHost, kBad},

    {"longest target", line("GET /" + std::string(8191, 'a') + " HTTP/1.1"), {}},
    {"long target", line("GET /" + std::string(8192, 'a') + " HTTP/1.1"), ErrorCode::uri_too_long},
    {"very long target", line("GET /" + std::string(30000, 'a') + " HTTP/1.1"),
     ErrorCode::uri_too_long},
    {"large block", get(kHost + "x: " + std::string(16384, 'a') + "\r\n"),
     ErrorCode::headers_too_large},
    {"101 fields", many_fields(101), ErrorCode::headers_too_large},
};

TEST(HeaderValidator, Table) {
  for (const Case& c : kCases) {
    const auto result = check_head(c.head, {});
    if (c.refused) {
      ASSERT_FALSE(result) << c.name;
      EXPECT_EQ(name_of(result.error().code), name_of(*c.refused)) << c.name;
    } else {
      EXPECT_TRUE(result) << c.name << ": " << (result ? "" : result.error().detail);
    }
  }
}

TEST(HeaderValidator, FindsTheEndWhereverTheBytesAreCut) {
  const std::string head = get(kHost);
  const std::string bytes = head + "GET /next";
  for (std::size_t seen = 0; seen < head.size(); ++seen) {
    EXPECT_EQ(head_length(std::string_view(bytes).substr(0, seen)), 0U);
    EXPECT_EQ(head_length(bytes, seen), head.size());
  }
}

TEST(HeaderValidator, RefusesGarbageBeforeTheHeadEnds) {
  const HeadLimits limits;
  EXPECT_TRUE(check_partial_head("GET / HTTP/1.1\r\nHost: a\r", 0, limits));
  EXPECT_FALSE(check_partial_head("\x16\x03\x01\x02", 0, limits)) << "TLS on a plain port";
  EXPECT_FALSE(check_partial_head("GET / HTTP/1.1\n", 0, limits));
  EXPECT_FALSE(check_partial_head("GET / HTTP/1.1\r\nx: a\rb", 0, limits));
  const std::string target = "GET /" + std::string(9000, 'a');
  EXPECT_EQ(check_partial_head(target, 0, limits).error().code, ErrorCode::uri_too_long);
  const std::string block = "GET / HTTP/1.1\r\nx: " + std::string(16384, 'a');
  EXPECT_EQ(check_partial_head(block, 0, limits).error().code, ErrorCode::headers_too_large);
}

TEST(HeaderValidator, EveryAcceptedHeadPassesItsPartialCheckToo) {
  for (const Case& c : kCases) {
    if (c.refused) continue;
    for (std::size_t n = 1; n < c.head.size() && n < 600; ++n) {
      EXPECT_TRUE(check_partial_head(std::string_view(c.head).substr(0, n), 0, {})) << c.name;
    }
  }
}

}  // namespace
}  // namespace respring::net
