// `respring bench`: load for a server that already runs, and the figures it answers with.
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "config/values.h"
#include "respring/bench/scenarios.h"
#include "respring/interrupt.h"
#include "respring/progress.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using Scenario = std::function<Result<void>(Target&, const BenchArguments&, BenchReport&)>;

struct Given {
  BenchArguments run;
  std::string address = "127.0.0.1:8080";
  std::string admin;
  std::int64_t threads = 1;
  double time = 1;
  bool dry_run = false;
};

Exit run(Console& console, const Given& given, const std::string& name, const Scenario& scenario) {
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
    const bool away = done.error().code == ErrorCode::upstream_unavailable;
    return console.fail(away ? Exit::unreachable : Exit::failed, "bench.failed",
                        done.error().detail,
                        away ? "start it with respring serve, or say --address" : "");
  }
  report.print(console);
  return report.crossed() ? Exit::findings : Exit::ok;
}

std::string text_of(double most) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", most);
  return text.data();
}

std::string text_of(const RatePlan& plan) {
  std::string text;
  for (const Stage& stage : plan.stages()) {
    if (!text.empty()) text += " → ";
    text += std::to_string(std::llround(stage.target)) + "/s";
    if (stage.seconds > 0) text += " in " + std::to_string(std::llround(stage.seconds)) + " s";
  }
  return text.empty() ? "none" : text;
}

Table table_of(const Load& load) {
  Table table;
  table.rows = {{"people", std::to_string(load.people)},
                {"rooms", std::to_string(load.rooms) + " of " + std::to_string(load.members)},
                {"connections that stay", std::to_string(load.connections)},
                {"connections that come again", std::to_string(load.storm.connections) + ", " +
                                                    std::to_string(load.storm.times) + " times"},
                {"sends", text_of(load.sends)},
                {"reads", text_of(load.reads)},
                {"searches", text_of(load.searches)}};
  for (const auto& [figure, most] : load.thresholds)
    table.rows.push_back({figure, "at most " + text_of(most)});
  if (load.knee)
    table.rows.push_back({"ends", "when sends take " + text_of(load.knee->p99_ms) +
                                      " ms (p99) or " + text_of(load.knee->failed_share * 100) +
                                      " % fail"});
  return table;
}

Exit run(Console& console, const Given& given, const Load& load) {
  constexpr double kLongest = 100;
  if (!(given.time > 0 && given.time <= kLongest))
    return console.fail(Exit::usage, "bench.range", "--time is above 0 and at most 100");
  const Load wanted = stretched(load, given.time);
  if (given.dry_run) {
    const json::Value shown = to_json(wanted);
    console.print(shown, table_of(wanted));
    return Exit::ok;
  }
  const Interrupt interrupt;
  // Made when the first one is asked: before that people and rooms are made.
  std::optional<Progress> bar;
  const double all = wanted.sends.count() + wanted.reads.count() + wanted.searches.count();
  LoadHooks hooks;
  hooks.stopping = [&interrupt] { return interrupt.requested(); };
  hooks.on_progress = [&](std::int64_t asked) {
    if (!bar) bar.emplace(console, std::cerr, load.name, "requests", std::llround(all));
    bar->update(asked);
  };
  const Scenario scenario = [&](Target& target, const BenchArguments&, BenchReport& report) {
    auto done = bench_load(target, wanted, hooks, report);
    if (bar) bar->finish();
    return done;
  };
  const Exit exit = run(console, given, load.name, scenario);
  return interrupt.requested() && exit == Exit::ok ? Exit::interrupted : exit;
}

void add_server(Arguments& args, Given& given) {
  args.option("--address", &given.address, "HOST:PORT", "Where the server listens.");
  args.option("--admin", &given.admin, "HOST:PORT",
              "Its admin address, for its processor time and memory.");
  args.option("--threads", &given.threads, "N", "Threads of the load generator.");
}

void add(Arguments& bench, const Load& load) {
  auto given = std::make_shared<Given>();
  Arguments& args = bench.command(load.name, {load.what, load.what_korean});
  add_server(args, *given);
  args.option("--time", &given->time, "FACTOR", "Every duration multiplied (1).");
  args.flag("--dry-run", &given->dry_run, "Only say what would be asked of the server.");
  args.example("respring bench " + load.name + " --time 0.1 --admin 127.0.0.1:9090");
  args.run([given, &load](Console& console) { return run(console, *given, load); });
}

void add(Arguments& bench, const std::string& name, Phrase summary, const Scenario& scenario) {
  auto given = std::make_shared<Given>();
  Arguments& args = bench.command(name, summary);
  add_server(args, *given);
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
  for (const Load& load : loads()) add(args, load);
  args.example("RESPRING_LIMITS__SENDS_PER_USER=off … respring serve   # rates off, elsewhere");
  args.example("respring bench send --rate 2000 --admin 127.0.0.1:9090");
}

}  // namespace respring::cmd
