// `respring doctor`: what is wrong, and the command that repairs it.
#include "respring/account_command.h"
#include "respring/configuration.h"
#include "respring/doctor/bundle.h"
#include "respring/doctor/gather.h"
#include "respring/progress.h"
#include "respring/verbs.h"

namespace respring::cmd {
namespace {

struct DoctorArguments {
  bool full = false;
  std::optional<std::string> bundle;
};

/// What was looked at, for an answer without findings.
std::string looked_at(const doctor::Facts& facts) {
  std::int64_t rooms = 0;
  for (const doctor::ShardFacts& shard : facts.shards) rooms += shard.rooms_checked;
  return std::to_string(facts.databases.size() + facts.servers.size()) +
         " databases and servers, " + std::to_string(facts.shards.size()) +
         " shards, the logs of " + with_commas(rooms) + " rooms, " +
         with_commas(facts.index.rooms_compared) + " rooms in the index";
}

std::string human_of(const std::vector<doctor::Finding>& findings, const doctor::Facts& facts) {
  if (findings.empty()) return "no findings: " + looked_at(facts) + "\n";
  std::string text =
      std::to_string(findings.size()) + (findings.size() == 1 ? " finding\n" : " findings\n");
  int number = 0;
  for (const doctor::Finding& f : findings) {
    std::string head = std::to_string(++number);
    head.insert(0, 3 - std::min<std::size_t>(head.size(), 3), ' ');
    std::string rank(doctor::name_of(f.rank));
    rank.resize(8, ' ');
    const std::string margin(head.size() + 1 + rank.size(), ' ');
    text += head + " " + rank + f.what + "\n";
    if (!f.evidence.empty()) text += margin + f.evidence + "\n";
    text += margin + "repair: " + f.repair + "\n";
  }
  return text;
}

Exit examine(Console& console, const DoctorArguments& given) {
  Settings settings;
  RESPRING_TRY(const auto loaded, load_or_say(console, settings));
  const doctor::Facts facts = gather_facts(settings, given.full);
  const auto findings = doctor::findings_of(facts);
  if (given.bundle) {
    const auto written = write_bundle(*given.bundle, bundle_text(facts, findings, loaded));
    if (!written) return fail_command(console, written.error());
    console.note("  bundle: " + *given.bundle +
                 " (no secrets, no message texts; look at it before you send it)");
  }
  console.print(
      json::Object{{"findings", findings_json(findings)}, {"facts", doctor::to_json(facts)}},
      human_of(findings, facts));
  return findings.empty() ? Exit::ok : Exit::findings;
}

}  // namespace

void make_doctor(Arguments& args) {
  auto given = std::make_shared<DoctorArguments>();
  args.flag("--full", &given->full,
            "read every page and every room, compare servers' schemas; however long it takes");
  args.option("--bundle", &given->bundle, "FILE", "also write all that was seen, without secrets");
  args.example("respring doctor --full --json");
  args.run([given](Console& console) { return examine(console, *given); });
}

}  // namespace respring::cmd
