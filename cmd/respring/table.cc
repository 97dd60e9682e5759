#include "respring/verbs.h"

namespace respring::cmd {

// The order within a group is the order in the help.
const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"serve", Group::run, {"run the service", "서비스를 실행합니다"}, &make_serve},
      {"config",
       Group::configure,
       {"check, explain and list settings", "설정을 확인하고 설명합니다"},
       &make_config},
      {"completion",
       Group::configure,
       {"shell completion for bash, zsh or fish", "셸 자동 완성을 출력합니다"},
       &make_completion},
      {"version", Group::configure, {"what this binary is", "버전을 출력합니다"}, &make_version},
      {"help",
       Group::configure,
       {"explain a command, an error code or an exit code",
        "명령, 오류 코드, 종료 코드를 설명합니다"},
       &make_help},
  };
  return kVerbs;
}

}  // namespace respring::cmd
