// `respring serve`: every role in one process until a signal ends it.
#include <sys/resource.h>

#include <memory>

#include "respring/serve/banner.h"
#include "respring/serve/roles.h"
#include "respring/serve/signals.h"
#include "respring/serve/tracing.h"
#include "respring/verbs.h"
#include "telemetry/log.h"

namespace respring::cmd {
namespace {

struct ServeArguments {
  std::string roles = "all";
  bool demo = false;
};

void configure_logs(const Settings& settings) {
  log::configure(log::level_named(settings.log.level).value_or(log::Level::info),
                 log::format_named(settings.log.format).value_or(log::Format::automatic));
}

/// Every connection is a descriptor: takes as many as the system lets this process have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("serve.descriptors_not_raised");
}

/// The settings that hold, and where they came from.
struct Running {
  config::Sources sources;
  Settings settings;
  config::Loaded started;
  config::Loaded now;  ///< of the last reload
};

/// What takes effect without a restart is read again; everything else stays as it was.
void reload(Running& running, Roles& roles) {
  Settings fresh;
  auto loaded = load_settings(fresh, running.sources);
  if (!loaded) {
    log::error("config.reload_refused", {{"error", loaded.error().text()}});
    return;
  }
  configure_logs(fresh);
  roles.reload(fresh);
  running.settings.drain_seconds = fresh.drain_seconds;
  for (const std::string& key : config::changes(running.started, loaded.value()).need_restart) {
    log::warn("config.needs_restart", {{"setting", key}});
  }
  for (const std::string& key : config::changes(running.now, loaded.value()).reloadable) {
    log::info("config.changed", {{"setting", key}});
  }
  running.now = std::move(loaded).assume_value();
  log::info("config.reloaded");
}

Exit open_failure(Console& console, const Error& error) {
  if (error.code == ErrorCode::conflict) {
    return console.fail(Exit::refused, "serve.refused", error.detail,
                        "stop the other one first, or choose another folder with data_dir");
  }
  if (error.code == ErrorCode::upstream_unavailable) {
    return console.fail(Exit::unreachable, "serve.unreachable", error.detail);
  }
  return console.fail(Exit::failed, "serve.failed", error.detail);
}

/// The demo's people and how to be one of them.
Result<std::string> demo_text(Roles& roles, const Settings& settings) {
  RESPRING_TRY(const auto people, roles.make_demo_people());
  const std::string http = http_address(settings.listen, roles.port());
  Table table;
  table.head = {"  demo person", "open this link to log in (valid one hour)", "token for curl"};
  for (const auto& [person, path] : people) {
    table.rows.push_back(
        {"  " + person.name + ", " + person.handle, http + path, person.token.reveal()});
  }
  return "\n" + render_table(table) + "  curl -H 'Authorization: Bearer TOKEN' " + http +
         "/v1/rooms\n";
}

Exit run(Console& console, const ServeArguments& arguments) {
  const auto parsed = RoleSet::parse(arguments.roles);
  if (!parsed) return console.fail(Exit::usage, "serve.role", parsed.error().detail);
  const RoleSet& roles_here = parsed.value();
  if (arguments.demo && !roles_here.is_all()) {
    return console.fail(Exit::usage, "serve.demo", "--demo needs all roles in one process");
  }
  Running running;
  running.sources = config::Sources::of_process();
  running.sources.file = console.common().config_file;
  running.sources.flags = console.common().settings;
  const Settings& settings = running.settings;
  auto loaded = load_settings(running.settings, running.sources);
  if (!loaded) {
    return console.fail(Exit::configuration, "config.invalid", loaded.error().text());
  }
  if (const auto missing = missing_for(roles_here, settings)) {
    return console.fail(Exit::configuration, "config.invalid", *missing);
  }
  running.started = running.now = std::move(loaded).assume_value();
  configure_logs(settings);
  hold_signals();
  raise_descriptor_limit();

  // Ends last: until then there may be spans.
  const auto tracing = Tracing::start(settings, arguments.roles);
  auto dir = DataDir::open(settings.data_dir, DataDir::Use::serve);
  if (!dir) return open_failure(console, dir.error());
  auto platform = Platform::open(settings, dir.value(), roles_here);
  if (!platform) return open_failure(console, platform.error());
  // Before new messages hide it.
  const bool lost_search = search_is_lost(*platform.value(), settings, dir.value());
  Roles roles(*platform.value(), settings, roles_here, arguments.demo);
  if (const auto started = roles.start(); !started) {
    roles.stop(std::chrono::milliseconds(0));
    return open_failure(console, started.error());
  }
  if (lost_search) {
    log::warn("search.index_lost",
              {{"repair", "stop the server and run: respring search reindex"}});
  }
  std::string demo;
  if (arguments.demo) {
    auto text = demo_text(roles, settings);
    if (!text) {
      roles.stop(std::chrono::milliseconds(0));
      return open_failure(console, text.error());
    }
    demo = std::move(text).value();
  }
  console.note(serve_banner(settings, roles_here, roles.port(), roles.admin_port()) + demo);
  const int signal = wait_for_end([&running, &roles] { reload(running, roles); });
  log::info("serve.stopping", {{"signal", signal}});
  release_signals();
  roles.stop(std::chrono::seconds(settings.drain_seconds));
  platform.value()->stop();
  log::info("serve.stopped");
  log::flush();
  return Exit::ok;
}

}  // namespace

void make_serve(Arguments& args) {
  auto given = std::make_shared<ServeArguments>();
  args.option("--role", &given->roles, "ROLES", "Roles to run, separated by commas; or all.");
  args.flag("--demo", &given->demo,
            "Adds Korean sample rooms and people, and prints links that log them in.");
  args.example("respring serve");
  args.example("respring serve --demo");
  args.run([given](Console& console) { return run(console, *given); });
}

}  // namespace respring::cmd
