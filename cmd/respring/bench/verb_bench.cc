// `respring bench`: load for a server that already runs, and the figures it answers with.
#include <memory>

#include "config/values.h"
#include "respring/bench/scenarios.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using Scenario = Result<void> (*)(Target&, const BenchArguments&, BenchReport&);

struct Given {
  BenchArguments run;
  std::string address = "127.0.0.1:8080";
  std::string admin;
  std::int64_t threads = 1;
};

Exit run(Console& console, const Given& given, const std::string& name, Scenario scenario) {
  const auto address = config::parse_endpoint(given.address);
  if (!address)
    return console.fail(Exit::usage, "bench.address", "--address " + address.error().why);
  BenchArguments arguments = given.run;
  arguments.target.host = address.value().host;
  arguments.target.port = address.value().port;
  arguments.target.threads = static_cast<std::size_t>(given.threads);
  if (!given.admin.empty()) {
    const auto admin = config::parse_endpoint(given.admin);
    if (!admin) return console.fail(Exit::usage, "bench.admin", "--admin " + admin.error().why);
    arguments.target.admin_port = admin.value().port;
  }
  if (arguments.seconds < 1 || arguments.burst < 1 || arguments.rooms < 1 || given.threads < 1) {
    return console.fail(Exit::usage, "bench.range", "counts and seconds begin at 1");
  }
  if (arguments.connections < 0 || arguments.people < 0 || arguments.rate < 0) {
    return console.fail(Exit::usage, "bench.range", "connections, people and rate begin at 0");
  }
  Target target(arguments.target);
  BenchReport report(name);
  if (const auto done = scenario(target, arguments, report); !done) {
    return console.fail(Exit::failed, "bench.failed", done.error().detail);
  }
  report.print(console);
  return Exit::ok;
}

void add(Arguments& bench, const std::string& name, Phrase summary, Scenario scenario) {
  auto given = std::make_shared<Given>();
  Arguments& args = bench.command(name, summary);
  args.option("--address", &given->address, "HOST:PORT", "Where the server listens.");
  args.option("--admin", &given->admin, "HOST:PORT",
              "Its admin address, for its processor time and memory.");
  args.option("--connections", &given->run.connections, "N", "Connections; 0 is the usual number.");
  args.option("--people", &given->run.people, "N", "Different people behind them.");
  args.option("--rate", &given->run.rate, "N", "Messages per second; 0 is as fast as acks come.");
  args.option("--in-flight", &given->run.in_flight, "N", "Unanswered messages of one connection.");
  args.option("--burst", &given->run.burst, "N", "Messages at once.");
  args.option("--bytes", &given->run.bytes, "N", "Length of a message.");
  args.option("--seconds", &given->run.seconds, "N", "How long.");
  if (name == "fanout") {
    args.flag("--reference", &given->run.reference, "The server is one of loadtest/reference.");
  }
  if (name == "mixed") args.option("--rooms", &given->run.rooms, "N", "Rooms of eight people.");
  args.option("--threads", &given->threads, "N", "Threads of the load generator.");
  args.run(
      [given, name, scenario](Console& console) { return run(console, *given, name, scenario); });
}

}  // namespace

void make_bench(Arguments& args) {
  add(args, "send", {"durable sends over WebSocket", "웹소켓으로 메시지를 보내요"}, bench_send);
  add(args, "fanout", {"bursts to many receivers", "여러 사람에게 한꺼번에 보내요"}, bench_fanout);
  add(args, "idle", {"memory of idle connections", "쉬고 있는 연결의 메모리를 재요"}, bench_idle);
  add(args, "history", {"pages of 50 messages over HTTP", "지난 메시지를 읽어요"}, bench_history);
  add(args, "mixed", {"an evening: sends, reads, searches", "보내고 읽고 찾는 저녁을 흉내 내요"},
      bench_mixed);
  args.example("RESPRING_LIMITS__SENDS_PER_USER=off … respring serve   # rates off, elsewhere");
  args.example("respring bench send --rate 2000 --admin 127.0.0.1:9090");
}

}  // namespace respring::cmd
