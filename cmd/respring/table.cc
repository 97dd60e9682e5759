#include "respring/verbs.h"

namespace respring::cmd {

// The order within a group is the order in the help.
const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"serve", Group::run, {"run the service", "서비스를 실행합니다"}, &make_serve},
      {"bench",
       Group::run,
       {"load a running server and measure it", "부하를 주고 성능을 잽니다"},
       &make_bench},
      {"migrate",
       Group::data,
       {"schema migrations of every database", "데이터베이스 스키마를 관리합니다"},
       &make_migrate},
      {"search",
       Group::data,
       {"the search index: build, compare, look", "검색 색인을 관리합니다"},
       &make_search},
      {"reindex",
       Group::data,
       {"the same as search reindex", "search reindex와 같습니다"},
       &make_reindex},
      {"user", Group::data, {"administer users", "사용자를 관리합니다"}, &make_user},
      {"token",
       Group::data,
       {"administer users' sessions", "로그인 토큰을 관리합니다"},
       &make_token},
      {"room", Group::data, {"look at rooms", "대화방을 살펴봅니다"}, &make_room},
      {"events",
       Group::data,
       {"topics, events as they come, dead letters", "이벤트와 토픽을 다룹니다"},
       &make_events},
      {"trace",
       Group::observe,
       {"one message's life, from the stores themselves", "메시지 하나의 경로를 추적합니다"},
       &make_trace},
      {"doctor",
       Group::observe,
       {"what is wrong, and the command that repairs it", "문제를 찾아 해결 방법을 알려 줍니다"},
       &make_doctor},
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
