// A machine without Kubernetes: a hardened unit per role, one target, no container engine.
#include "base/yaml.h"
#include "ops/manifests/objects.h"
#include "ops/manifests/render.h"
#include "ops/manifests/role_settings.h"
#include "ops/manifests/schedule.h"

namespace respring::manifests {
namespace {

constexpr std::string_view kHead = "# Made by `respring manifests render --target=systemd`.\n";

/// Ports of the roles on one machine: each its own, in the order of the table.
int index_of(const BinaryFacts& facts, const std::string& role) {
  int index = 0;
  for (const RoleFacts& known : facts.roles) {
    if (known.name == role) break;
    ++index;
  }
  return index;
}

Placement placement_of(const Input& input, const std::string& role) {
  const auto local = [](int port) { return "127.0.0.1:" + std::to_string(port); };
  const int index = index_of(input.facts, role);
  Placement out;
  out.listen = local(input.facts.port + index);
  out.admin_listen = local(input.facts.admin_port + index);
  out.data_dir = "/var/lib/respring/" + role;
  out.proxies = {"127.0.0.0/8", "::1"};  // nobody else reaches the listener
  out.secret_folder = "/etc/respring/secrets";
  out.address_of = [&input, local](const std::string& asked) {
    return "http://" + local(input.facts.port + index_of(input.facts, asked));
  };
  return out;
}

/// What a service that only speaks to the network may do; systemd-analyze security judges it. Not
/// ProcSubset=pid: the time of its start is counted from /proc/stat.
constexpr std::string_view kHardening = R"(
User=respring
Group=respring
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
)";

std::string unit_of(const Input& input, const RoleFacts& role) {
  const RoleValues& values = input.role(role.name);
  std::string out(kHead);
  out += "[Unit]\nDescription=respring, role " + role.name +
         "\nAfter=network-online.target respring-migrate.service\nWants=network-online.target\n"
         "PartOf=respring.target\nStartLimitIntervalSec=0\n\n";
  out += "[Service]\nType=exec\nExecStart=/usr/bin/respring serve --role=" + role.name +
         " --config=/etc/respring/" + role.name + ".yaml\nExecReload=/bin/kill -HUP $MAINPID\n";
  // Also after a refusal (4): a database that was away at the start is migrated later.
  out += "Restart=on-failure\nRestartSec=2\nRestartPreventExitStatus=64 78\n";
  out += "TimeoutStopSec=" + std::to_string(input.values.shutdown.grace_seconds) + "\n";
  out +=
      "LimitNOFILE=1048576\nStateDirectory=respring/" + role.name + "\nStateDirectoryMode=0700\n";
  out += "MemoryMax=" + std::to_string(values.memory.count) + "\n";
  return out + std::string(kHardening.substr(1));
}

/// Before the roles, at every start of the target: databases, then topics. It stays active, so that
/// a role that is started again does not run it again.
std::string migrate_unit() {
  std::string out(kHead);
  out +=
      "[Unit]\nDescription=respring, migrations and topics\nAfter=network-online.target\n"
      "Wants=network-online.target\nPartOf=respring.target\nStartLimitIntervalSec=0\n\n";
  out += "[Service]\nType=oneshot\nRemainAfterExit=yes\n";
  for (const char* words : {"migrate up", "events topics apply"}) {
    out += "ExecStart=/usr/bin/respring " + std::string(words) +
           " --config=/etc/respring/respring.yaml\n";
  }
  out += "Restart=on-failure\nRestartSec=5\nRestartPreventExitStatus=4 64 78\n";
  out += "StateDirectory=respring/operator\nStateDirectoryMode=0700\n";
  return out + std::string(kHardening.substr(1));
}

/// Everything that runs: to enable it is to enable them.
std::string target(const std::vector<std::string>& wanted) {
  std::string out(kHead);
  out += "[Unit]\nDescription=respring\n";
  for (const std::string& unit : wanted) out += "Wants=" + unit + "\n";
  return out + "\n[Install]\nWantedBy=multi-user.target\n";
}

/// What the clock starts, with the settings of commands that are run by hand.
std::string archive_unit(const Input& input) {
  const ArchiveValues& values = input.values.archive;
  std::string out(kHead);
  out +=
      "[Unit]\nDescription=respring, archive\nAfter=network-online.target "
      "respring-migrate.service\n"
      "Wants=network-online.target\n\n";
  out += "[Service]\nType=oneshot\nExecStart=/usr/bin/respring";
  for (const json::Value& word : archive_words(values)) out += " " + *word.as_string();
  out += " --config=/etc/respring/respring.yaml\n";
  out += "TimeoutStartSec=" + std::to_string(values.deadline_seconds) + "\n";
  out += "StateDirectory=respring/operator\nStateDirectoryMode=0700\n";
  out += "MemoryMax=" + std::to_string(values.memory.count) + "\n";
  return out + std::string(kHardening.substr(1));
}

std::string archive_timer(const Input& input) {
  const ArchiveValues& values = input.values.archive;
  return std::string(kHead) +
         "[Unit]\nDescription=respring, archive by the clock\nPartOf=respring.target\n\n"
         "[Timer]\nOnCalendar=" +
         calendar_of(values.schedule, values.time_zone) + "\nPersistent=yes\n";
}

}  // namespace

Files systemd_files(const Input& input) {
  Files files;
  const std::string units = "usr/lib/systemd/system/";
  std::vector<std::string> wanted = {"respring-migrate.service"};
  files[units + wanted.front()] = migrate_unit();
  for (const RoleFacts& role : input.facts.roles) {
    if (input.role(role.name).replicas == 0) continue;
    wanted.push_back(name_of(role) + ".service");
    files[units + wanted.back()] = unit_of(input, role);
    files["etc/respring/" + role.name + ".yaml"] =
        std::string(kHead) + to_yaml(settings_of(input, role, placement_of(input, role.name)));
  }
  RoleFacts operators = operator_role(input.facts);
  files["etc/respring/respring.yaml"] =
      std::string(kHead) + "# Read by commands that are run by hand: respring migrate up, …\n" +
      to_yaml(settings_of(input, operators, placement_of(input, "operator")));
  if (input.values.archive.enabled) {
    files[units + "respring-archive.service"] = archive_unit(input);
    wanted.emplace_back("respring-archive.timer");
    files[units + wanted.back()] = archive_timer(input);
  }
  files[units + "respring.target"] = target(wanted);
  files["usr/lib/sysusers.d/respring.conf"] =
      std::string(kHead) + "u respring - \"respring\" /var/lib/respring\n";
  files["usr/lib/tmpfiles.d/respring.conf"] =
      std::string(kHead) + "d /etc/respring/secrets 0750 root respring -\n";
  return files;
}

}  // namespace respring::manifests
