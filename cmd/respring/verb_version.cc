#include "respring/verbs.h"
#include "telemetry/process.h"

namespace respring::cmd {

void make_version(Arguments& args) {
  args.run([](Console& console) {
    const telemetry::Build& build = telemetry::build();
    json::Object data = {{"version", std::string(build.version)},
                         {"compiler", std::string(build.compiler)},
                         {"build", std::string(build.type)}};
    if (!build.commit.empty()) data.emplace_back("commit", std::string(build.commit));
    std::string human = "respring " + std::string(build.version);
    if (!build.commit.empty()) human += " (" + std::string(build.commit) + ")";
    human += "\n" + std::string(build.type) + ", " + std::string(build.compiler);
    console.print(json::Value(std::move(data)), human);
    return Exit::ok;
  });
}

}  // namespace respring::cmd
