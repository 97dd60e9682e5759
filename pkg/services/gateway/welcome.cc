#include "services/gateway/welcome.h"

namespace respring::gateway {
namespace {

// No style and no script: the page obeys the same strict policy as every other.
constexpr std::string_view kPage = R"(<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>respring</title>
</head>
<body>
<h1>respring</h1>
<p>서버가 잘 돌아가고 있어요. 웹 화면 없이 만든 프로그램이라서 API로만 이야기할 수 있어요.</p>
<pre>
curl -X POST -H 'Content-Type: application/json' \
  -d '{"handle":"hong","display_name":"홍길동","password":"12345678"}' \
  "$RESPRING/v1/users"
curl -X POST -H 'Content-Type: application/json' \
  -d '{"handle":"hong","password":"12345678"}' \
  "$RESPRING/v1/sessions"
curl -H "Authorization: Bearer $TOKEN" "$RESPRING/v1/rooms"
</pre>
<p>모든 기능은 <a href="/v1/openapi.json">OpenAPI 문서</a>와
<a href="/v1/asyncapi.json">AsyncAPI 문서</a>에 있어요.</p>
<div lang="en">
<p>The server is running. It has no web client here; talk to its API as shown above, where
<code>$RESPRING</code> is the address of this page and <code>$TOKEN</code> comes from the second
call.</p>
<p>Everything it can do is in the <a href="/v1/openapi.json">OpenAPI</a> and
<a href="/v1/asyncapi.json">AsyncAPI</a> documents.</p>
</div>
</body>
</html>
)";

}  // namespace

net::Response welcome_page() {
  net::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::string(kPage);
  response.headers.add("Cache-Control", "no-cache");
  return response;
}

}  // namespace respring::gateway
