#include <atomic>

#include "async/run.h"
#include "base/ids.h"
#include "respring/bench/scenarios.h"

namespace respring::cmd {
namespace {

using Clock = std::chrono::steady_clock;

struct Reader {
  Histogram latency;
  std::int64_t failed = 0;
};

Task<void> read_pages(Target& target, const Person& person, std::string path, Clock::time_point end,
                      Reader& reader) {
  while (Clock::now() < end) {
    net::ClientRequest request;
    request.target = path;
    request.headers.add("Authorization", "Bearer " + person.token);
    const auto begin = Clock::now();
    const auto response =
        co_await target.http().call(std::move(request), end + std::chrono::seconds(5));
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    if (response && response.value().status == 200) {
      reader.latency.record(took.count());
    } else {
      ++reader.failed;
    }
  }
}

}  // namespace

Result<void> bench_history(Target& target, const BenchArguments& asked, BenchReport& report) {
  BenchArguments given = asked;
  if (given.connections == 0) given.connections = 16;
  RESPRING_TRY(const auto people, target.people(1));
  RESPRING_TRY(const std::string room, target.group(people));
  const std::string path = "/v1/rooms/" + room + "/messages";
  for (int i = 0; i < 200; ++i) {
    json::Writer w;
    w.begin_object().field("cid", new_uuid().str());
    w.field("text", std::string(static_cast<std::size_t>(given.bytes), 'x')).end_object();
    RESPRING_TRY(const auto sent, target.call(&people[0], net::Method::post, path, w.take()));
    RESPRING_TRYV(body_of(sent));
  }
  std::vector<Reader> readers(static_cast<std::size_t>(given.connections));
  const ServerFigures before = target.figures();
  const auto end = Clock::now() + std::chrono::seconds(given.seconds);
  {
    async::TaskGroup group;
    for (Reader& reader : readers) {
      group.spawn(target.io().next().get_executor(),
                  read_pages(target, people[0], path + "?limit=50", end, reader));
    }
    group.wait();
  }
  const ServerFigures after = target.figures();
  Histogram latency;
  std::int64_t failed = 0;
  for (const Reader& reader : readers) {
    latency.add(reader.latency);
    failed += reader.failed;
  }
  report.count("connections", given.connections);
  report.count("requests", latency.count());
  report.count("failed", failed);
  report.number("requests_per_s",
                static_cast<double>(latency.count()) / static_cast<double>(given.seconds));
  report.latency("request", latency);
  report.server(before, after, latency.count());
  return success();
}

}  // namespace respring::cmd
