#include "respring/serve/tracing.h"

#include "async/io_pool.h"
#include "async/run.h"
#include "net/http_client.h"
#include "respring/peer_urls.h"
#include "telemetry/spans.h"

namespace respring::cmd {
namespace {

constexpr std::chrono::seconds kPatience{5};

net::HttpClientOptions client_of(const Collector& collector) {
  net::HttpClientOptions options;
  options.host = collector.endpoint.host;
  options.port = collector.endpoint.port;
  options.max_connections = 1;
  return options;
}

}  // namespace

std::optional<Collector> parse_collector(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  const auto slash = std::min(url.find('/', kScheme.size()), url.size());
  const auto peers = parse_peers(url.substr(0, slash));
  if (!peers || peers->size() != 1) return std::nullopt;
  Collector collector;
  collector.endpoint = peers->front();
  collector.target = url.substr(slash);
  if (collector.target.empty() || collector.target == "/") collector.target = "/v1/traces";
  for (const char c : collector.target) {
    if (c <= ' ' || c > '~') return std::nullopt;
  }
  return collector;
}

struct Tracing::Parts {
  Parts(Collector to, spans::Exporter::Options options)
      : collector(std::move(to)), io(1), client(client_of(collector)) {
    io.start();
    options.send = [this](std::string body) { return send(std::move(body)); };
    exporter.emplace(std::move(options));
  }
  ~Parts() {
    exporter.reset();  // hands over what is left
    io.stop();
  }

  Result<void> send(std::string body) {
    net::ClientRequest request;
    request.method = net::Method::post;
    request.target = collector.target;
    request.body = std::move(body);
    request.content_type = "application/json";
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    RESPRING_TRY(const auto answer, async::block_on(io.at(0).get_executor(),
                                                    client.call(std::move(request), deadline)));
    if (answer.status / 100 != 2)
      return internal("the collector answered " + std::to_string(answer.status));
    return success();
  }

  const Collector collector;
  async::IoPool io;  // before the client, whose connections live on it
  net::HttpClient client;
  std::optional<spans::Exporter> exporter;
};

std::unique_ptr<Tracing> Tracing::start(const Settings& settings, const std::string& roles) {
  auto collector = parse_collector(settings.telemetry.otlp_endpoint);
  if (!collector) return nullptr;
  spans::Exporter::Options options;
  options.resource = {{"service.instance.id", random_token(6)}, {"respring.roles", roles}};
  options.sample_one_in = static_cast<std::uint32_t>(settings.telemetry.sample_one_in);
  return std::unique_ptr<Tracing>(
      new Tracing(std::make_unique<Parts>(std::move(*collector), std::move(options))));
}

Tracing::Tracing(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Tracing::~Tracing() = default;

}  // namespace respring::cmd
