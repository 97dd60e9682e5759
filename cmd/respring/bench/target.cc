#include "respring/bench/target.h"

#include "async/run.h"
#include "base/ids.h"

namespace respring::cmd {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kFounders = 500;  // a group is made with so many, the others are added

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + kPatience;
}

/// The value of a metric without labels in the Prometheus text format.
double metric(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

net::HttpClientOptions client_options(const std::string& host, std::uint16_t port) {
  net::HttpClientOptions options;
  options.host = host;
  options.port = port;
  options.max_waiting = 100'000;
  return options;
}

}  // namespace

Result<json::Value> body_of(const net::ClientResponse& response) {
  if (response.status < 300) return json::parse(response.body.empty() ? "{}" : response.body);
  const auto problem = json::parse(response.body);
  const std::string code = problem ? problem.value().string_or("code") : "";
  Error error{error_code_named(code).value_or(ErrorCode::internal), "", {}, {}};
  error.detail = "the server answered " + std::to_string(response.status) + " " + code;
  if (error.code == ErrorCode::rate_limited) {
    error.detail += "; start it with RESPRING_LIMITS__…=off for a load test";
  }
  return error;
}

Target::Target(Options options) : options_(std::move(options)), io_(options_.threads) {
  http_ = std::make_unique<net::HttpClient>(client_options(options_.host, options_.port));
  if (options_.admin_port != 0) {
    admin_ = std::make_unique<net::HttpClient>(client_options(options_.host, options_.admin_port));
  }
  net::WsOptions ws;
  ws.max_queued_frames = 65'536;
  ws.max_queued_bytes = 64 * 1024 * 1024;
  ws_options_ = std::make_shared<const net::WsOptions>(ws);
  io_.start();
}

Target::~Target() { io_.stop(); }

Task<Result<net::ClientResponse>> Target::request(const Person* who, net::Method method,
                                                  std::string target, std::string body) {
  net::ClientRequest request;
  request.method = method;
  request.target = std::move(target);
  if (!body.empty()) request.content_type = "application/json";
  request.body = std::move(body);
  if (who) request.headers.add("Authorization", "Bearer " + who->token);
  co_return co_await http_->call(std::move(request), soon());
}

Result<net::ClientResponse> Target::call(const Person* who, net::Method method, std::string target,
                                         std::string body) {
  return async::block_on(io_.at(0).get_executor(),
                         request(who, method, std::move(target), std::move(body)));
}

Task<Result<Person>> Target::new_person(std::string handle) {
  json::Writer account;
  account.begin_object().field("handle", handle).field("display_name", handle);
  account.field("password", "a bench password").end_object();
  std::string path = "/v1/users";
  std::string body = account.take();
  RESPRING_CO_TRY(const auto made, co_await request(nullptr, net::Method::post, path, body));
  RESPRING_CO_TRY(const json::Value user, body_of(made));
  json::Writer login;
  login.begin_object().field("handle", handle).field("password", "a bench password").end_object();
  path = "/v1/sessions";
  body = login.take();
  RESPRING_CO_TRY(const auto opened, co_await request(nullptr, net::Method::post, path, body));
  RESPRING_CO_TRY(const json::Value session, body_of(opened));
  co_return Person{user.string_or("id"), session.string_or("token")};
}

Result<std::vector<Person>> Target::people(std::size_t count) {
  std::vector<Person> people;
  for (std::size_t i = 0; i < count; ++i) {
    auto handle = "bench" + std::to_string(new_id_value());
    RESPRING_TRY(Person person, async::block_on(io_.at(0).get_executor(), new_person(handle)));
    people.push_back(std::move(person));
  }
  return people;
}

Result<std::string> Target::group(const std::vector<Person>& members) {
  json::Writer w;
  w.begin_object().field("kind", "group").field("title", "bench").key("members").begin_array();
  for (std::size_t i = 1; i < std::min(members.size(), kFounders); ++i) w.value(members[i].id);
  w.end_array().end_object();
  RESPRING_TRY(const auto response, call(&members[0], net::Method::post, "/v1/rooms", w.take()));
  RESPRING_TRY(const json::Value room, body_of(response));
  const std::string id = room.string_or("id");
  for (std::size_t i = kFounders; i < members.size(); ++i) {
    RESPRING_TRY(const auto added, call(&members[0], net::Method::put,
                                        "/v1/rooms/" + id + "/members/" + members[i].id, "{}"));
    RESPRING_TRYV(body_of(added));
  }
  return id;
}

Result<std::shared_ptr<net::WsConnection>> Target::connect(const Person& person,
                                                           std::shared_ptr<net::WsHandler> handler,
                                                           asio::io_context& io) {
  return async::block_on(io.get_executor(), open(person, std::move(handler), io));
}

Task<Result<std::shared_ptr<net::WsConnection>>> Target::open(
    const Person& person, std::shared_ptr<net::WsHandler> handler, asio::io_context& io) {
  net::WsTarget target;
  target.host = options_.host;
  target.port = options_.port;
  target.headers.add("Authorization", "Bearer " + person.token);
  auto opening =
      net::connect_websocket(io, std::move(target), ws_options_, std::move(handler), soon());
  RESPRING_CO_TRY(auto socket, co_await std::move(opening));
  socket->send(net::client_text(R"({"op":"hello"})"));
  co_return socket;
}

Result<std::shared_ptr<net::WsConnection>> Target::connect_plain(
    std::shared_ptr<net::WsHandler> handler, asio::io_context& io) {
  net::WsTarget target;
  target.host = options_.host;
  target.port = options_.port;
  auto opening =
      net::connect_websocket(io, std::move(target), ws_options_, std::move(handler), soon());
  return async::block_on(io.get_executor(), std::move(opening));
}

ServerFigures Target::figures() {
  if (!admin_) return {};
  net::ClientRequest request;
  request.target = "/metrics";
  auto response =
      async::block_on(io_.at(0).get_executor(), admin_->call(std::move(request), soon()));
  if (!response) return {};
  const std::string text = "\n" + response.value().body;
  return {metric(text, "process_cpu_seconds_total"), metric(text, "process_resident_memory_bytes")};
}

}  // namespace respring::cmd
