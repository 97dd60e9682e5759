// `respring events …`: the topics between the roles, what goes through them, and what nobody could
// handle.
#include "chat/dead_letters.h"
#include "kafka/event_bus.h"
#include "kafka/tail.h"
#include "kafka/topics.h"
#include "local/event_bus.h"
#include "respring/account_command.h"
#include "respring/configuration.h"
#include "respring/interrupt.h"
#include "respring/site.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

using kafka::TopicStep;

std::string_view word_of(TopicStep::Kind kind) {
  switch (kind) {
    case TopicStep::Kind::create:
      return "create";
    case TopicStep::Kind::keep:
      return "keep";
    case TopicStep::Kind::differs:
      return "differs";
  }
  return {};
}

Exit fail_events(Console& console, const Error& error) {
  const bool away = error.code == ErrorCode::upstream_unavailable;
  return console.fail(away ? Exit::unreachable : Exit::failed, "events.failed", error.detail);
}

/// The cluster of the settings; the error has been said.
Result<kafka::Options, Exit> cluster_or_say(Console& console, const Settings& settings) {
  if (!has_cluster(settings)) {
    return console.fail(Exit::usage, "events.local",
                        "bus is local: the embedded event log has no topics to make",
                        "name a cluster: --set bus=kafka://host:9092");
  }
  auto options = cluster_of(settings);
  if (!options) return console.fail(Exit::configuration, "config.invalid", options.error().detail);
  return std::move(options).value();
}

void print_plan(Console& console, const std::vector<TopicStep>& plan, bool done) {
  json::Array steps;
  Table table{{"topic", "partitions", done ? "was" : "would", "why"}, {}};
  for (const TopicStep& step : plan) {
    const std::string word(word_of(step.kind));
    steps.push_back(json::Object{{"topic", step.spec.name},
                                 {"partitions", step.spec.partitions},
                                 {"step", word},
                                 {"reason", step.reason}});
    table.rows.push_back({step.spec.name, std::to_string(step.spec.partitions), word, step.reason});
  }
  console.print(json::Object{{"applied", done}, {"topics", std::move(steps)}}, table);
}

struct TopicArguments {
  bool dry_run = false;
  std::int64_t replicas = -1;
};

Exit topics(Console& console, const TopicArguments& given) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  RESPRING_TRY(const kafka::Options options, cluster_or_say(console, settings));
  const auto plan = kafka::plan_topics(options, kafka::platform_topics());
  if (!plan) return fail_events(console, plan.error());
  if (!given.dry_run) {
    const auto applied =
        kafka::apply_topics(options, plan.value(), static_cast<int>(given.replicas));
    if (!applied) return fail_events(console, applied.error());
  }
  print_plan(console, plan.value(), !given.dry_run);
  for (const TopicStep& step : plan.value()) {
    if (step.kind == TopicStep::Kind::differs) return Exit::findings;
  }
  return Exit::ok;
}

struct TailArguments {
  std::string topic = std::string(chat::kRoomEventsTopic);
  std::string room;
  bool from_start = false;
  std::int64_t count = 0;
};

void print_record(Console& console, const chat::BusRecord& record) {
  const auto event = json::parse(record.value);
  json::Object data = {{"topic", record.topic},
                       {"partition", record.partition},
                       {"offset", record.offset},
                       {"key", record.key}};
  data.emplace_back("event", event ? event.value() : json::Value(record.value));
  console.print_text(json::dump(data) + "\n");
}

Exit tail(Console& console, const TailArguments& given) {
  Settings settings;
  RESPRING_TRYV(load_or_say(console, settings));
  RESPRING_TRY(const kafka::Options options, cluster_or_say(console, settings));
  const auto from = given.from_start ? kafka::Tail::From::oldest : kafka::Tail::From::end;
  auto reading = kafka::Tail::open(options, given.topic, from);
  if (!reading) return fail_events(console, reading.error());
  const Interrupt interrupt;
  std::int64_t shown = 0;
  while (!interrupt.requested()) {
    constexpr std::size_t kAtOnce = 500;
    const auto records = reading.value()->poll(kAtOnce, std::chrono::milliseconds(200));
    if (!records) return fail_events(console, records.error());
    for (const chat::BusRecord& record : records.value()) {
      if (!given.room.empty() && record.key != given.room) continue;
      print_record(console, record);
      if (++shown == given.count) return Exit::ok;
    }
  }
  return Exit::interrupted;
}

struct LetterArguments {
  std::string topic = std::string(chat::kRoomEventsTopic);
  std::int64_t most = 100;
  bool dry_run = false;
};

/// The bus that the settings name, for as long as `work` runs.
template <class Work>
Exit with_bus(Console& console, Work work) {
  RESPRING_TRY(const auto site, open_site(console, Access::beside));
  if (site->settings.bus != "local") {
    RESPRING_TRY(auto options, cluster_or_say(console, site->settings));
    auto bus = kafka::open_event_bus(std::move(options));
    if (!bus) return fail_events(console, bus.error());
    return work(*bus.value());
  }
  auto bus = local::EventBus::open({.connect = connector_of(site->dir, kBusDatabase)});
  if (!bus) return fail_database(console, "event bus", bus.error());
  return work(*bus.value());
}

Exit list_letters(Console& console, const LetterArguments& given) {
  return with_bus(console, [&](chat::EventBus& bus) {
    const auto letters =
        chat::list_dead_letters(bus, given.topic, static_cast<std::size_t>(given.most));
    if (!letters) return fail_events(console, letters.error());
    json::Array data;
    Table table{{"topic", "partition", "offset", "group", "why"}, {}};
    for (const chat::DeadLetter& letter : letters.value()) {
      data.push_back(json::Object{{"topic", letter.record.topic},
                                  {"partition", letter.record.partition},
                                  {"offset", letter.record.offset},
                                  {"group", letter.group},
                                  {"reason", letter.reason},
                                  {"key", letter.record.key}});
      table.rows.push_back({letter.record.topic, std::to_string(letter.record.partition),
                            std::to_string(letter.record.offset), letter.group, letter.reason});
    }
    const bool none = data.empty();
    console.print(json::Object{{"dead_letters", std::move(data)}}, table);
    if (none) console.note("  every event was handled");
    if (!none) console.note("  next, when the cause is mended: respring events dlq retry");
    return none ? Exit::ok : Exit::findings;
  });
}

Exit retry_letters(Console& console, const LetterArguments& given) {
  if (given.dry_run) return list_letters(console, given);
  return with_bus(console, [&](chat::EventBus& bus) {
    const auto done =
        chat::retry_dead_letters(bus, given.topic, static_cast<std::size_t>(given.most));
    if (!done) return fail_events(console, done.error());
    const auto count = static_cast<std::int64_t>(done.value());
    console.print(json::Object{{"retried", count}},
                  std::to_string(count) + " events were handed over again");
    return Exit::ok;
  });
}

void add_topics(Arguments& args) {
  Arguments& topics_of = args.command("topics", {"the topics of the cluster", "토픽을 관리합니다"});
  const auto add = [&topics_of](const char* name, Phrase what, bool changes) {
    Arguments& verb = topics_of.command(name, std::move(what));
    auto given = std::make_shared<TopicArguments>();
    given->dry_run = !changes;
    if (changes) {
      verb.flag("--dry-run", &given->dry_run, "make nothing");
      verb.option("--replicas", &given->replicas, "N",
                  "copies of each (-1: the cluster's default)");
    }
    verb.run([given](Console& console) { return topics(console, *given); });
  };
  add("plan", {"what apply would do", "적용할 내용을 보여 줍니다"}, false);
  add("apply", {"make the topics that are missing", "없는 토픽을 만듭니다"}, true);
}

void add_letters(Arguments& args) {
  Arguments& letters = args.command(
      "dlq", {"events that a group could not handle", "처리하지 못한 이벤트를 다룹니다"});
  const auto add = [&letters](const char* name, Phrase what,
                              Exit (*run)(Console&, const LetterArguments&)) {
    Arguments& verb = letters.command(name, std::move(what));
    auto given = std::make_shared<LetterArguments>();
    verb.option("--topic", &given->topic, "TOPIC", "where they came from");
    verb.option("--limit", &given->most, "N", "at most so many, oldest first");
    if (run == retry_letters) verb.flag("--dry-run", &given->dry_run, "only list them");
    verb.run([given, run](Console& console) { return run(console, *given); });
  };
  add("list", {"what they are, and why", "목록과 이유를 보여 줍니다"}, list_letters);
  add("retry", {"hand them over again", "다시 처리하게 합니다"}, retry_letters);
}

}  // namespace

void make_events(Arguments& args) {
  add_topics(args);
  Arguments& tailing =
      args.command("tail", {"show events as they come, as JSON lines", "이벤트를 따라 읽습니다"});
  auto given = std::make_shared<TailArguments>();
  tailing.option("--topic", &given->topic, "TOPIC", "which topic");
  tailing.option("--room", &given->room, "ROOM", "only of that room");
  tailing.flag("--from-start", &given->from_start, "begin with the oldest that is kept");
  tailing.option("--count", &given->count, "N", "end after so many (0: never)");
  tailing.example("respring events tail --room 123 --from-start");
  tailing.run([given](Console& console) { return tail(console, *given); });
  add_letters(args);
}

}  // namespace respring::cmd
