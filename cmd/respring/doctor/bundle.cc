#include "respring/doctor/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "config/redact.h"
#include "respring/console.h"
#include "telemetry/process.h"

namespace respring::cmd {
namespace {

json::Value settings_json(const config::Loaded& loaded) {
  json::Object settings;
  for (const config::Effective& value : loaded.values) {
    settings.emplace_back(value.key, json::Object{{"value", config::without_secrets(value.text)},
                                                  {"origin", value.origin.text()}});
  }
  return settings;
}

}  // namespace

json::Value findings_json(const std::vector<doctor::Finding>& findings) {
  json::Array all;
  for (const doctor::Finding& f : findings) {
    all.push_back(json::Object{{"rank", std::string(doctor::name_of(f.rank))},
                               {"code", f.code},
                               {"what", f.what},
                               {"evidence", f.evidence},
                               {"repair", f.repair}});
  }
  return all;
}

std::string bundle_text(const doctor::Facts& facts, const std::vector<doctor::Finding>& findings,
                        const config::Loaded& loaded) {
  const telemetry::Build& build = telemetry::build();
  return json::dump_pretty(json::Object{{"schema_version", kSchemaVersion},
                                        {"made_at", to_rfc3339(facts.machine.now)},
                                        {"version", std::string(build.version)},
                                        {"commit", std::string(build.commit)},
                                        {"build", std::string(build.type)},
                                        {"findings", findings_json(findings)},
                                        {"facts", doctor::to_json(facts)},
                                        {"settings", settings_json(loaded)}}) +
         "\n";
}

Result<void> write_bundle(const std::string& file, const std::string& text) {
  const int out = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (out < 0 && errno == EEXIST)
    return Error{ErrorCode::conflict, file + " is there already", {}, {}};
  if (out < 0) return internal("cannot create " + file + ": " + std::strerror(errno));
  const bool written = ::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(out);
  if (!written) return internal("cannot write " + file);
  return success();
}

}  // namespace respring::cmd
