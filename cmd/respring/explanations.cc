#include "respring/explanations.h"

namespace respring::cmd {
namespace {

using enum ErrorCode;

const std::vector<ErrorMeaning> kErrors = {
    {invalid_request,
     {"The request is malformed or a field breaks its rule.",
      "요청 형식이나 값이 올바르지 않습니다."},
     {"Read errors[] of the answer: it names the field and the rule.",
      "응답의 errors[]에 필드와 이유가 있습니다."}},
    {unknown_field,
     {"The body or the query holds a field the API does not know.",
      "API가 모르는 필드가 있습니다."},
     {"Look for a typo in the field that errors[] names.",
      "errors[]가 가리키는 필드 이름을 확인하세요."}},
    {unauthenticated,
     {"There is no valid login: no token, or it expired or was revoked.",
      "로그인이 없거나 만료되었습니다."},
     {"Log in again: POST /v1/sessions.", "다시 로그인하세요: POST /v1/sessions."}},
    {forbidden,
     {"The person is known and may not do this.", "이 작업을 할 권한이 없습니다."},
     {"Ask an owner or admin of the room; with a cookie, check the Origin.",
      "대화방의 소유자나 관리자에게 요청하세요."}},
    {not_found,
     {"It does not exist, or the person is no member of the room.",
      "없거나, 대화방의 구성원이 아닙니다."},
     {"Check the id; a room somebody left looks the same as none.", "번호를 확인하세요."}},
    {method_not_allowed,
     {"This address knows other methods only.", "이 주소에서 쓸 수 없는 메서드입니다."},
     {"See the Allow header of the answer.", "응답의 Allow 헤더를 보세요."}},
    {request_timeout,
     {"The request did not arrive in time.", "요청이 제때 도착하지 않았습니다."},
     {"Send it faster; heads get 10 s, bodies 30 s.",
      "더 빨리 보내세요. 헤더 10초, 본문 30초입니다."}},
    {conflict,
     {"It clashes with what is there, e.g. a handle that is taken.", "이미 있는 것과 충돌합니다."},
     {"Read the detail, choose another value.", "다른 값을 고르세요."}},
    {cid_reused,
     {"This cid was used for a message with other content.",
      "같은 cid로 다른 내용이 이미 전송되었습니다."},
     {"Draw a new UUID for each new message.", "새 메시지마다 새 UUID를 쓰세요."}},
    {payload_too_large,
     {"The body is larger than allowed.", "본문이 너무 큽니다."},
     {"64 KiB at most; larger things are attachments.", "최대 64 KiB입니다."}},
    {uri_too_long,
     {"The address is longer than 8 KiB.", "주소가 8 KiB를 넘습니다."},
     {"Put long values into the body.", "긴 값은 본문에 넣으세요."}},
    {unsupported_media_type,
     {"The body is not application/json.", "본문이 application/json이 아닙니다."},
     {"Send Content-Type: application/json.", "Content-Type: application/json으로 보내세요."}},
    {headers_too_large,
     {"The head is larger than 16 KiB.", "헤더가 16 KiB를 넘습니다."},
     {"Send fewer cookies and headers.", "쿠키와 헤더를 줄이세요."}},
    {rate_limited,
     {"Too many of these in a short time.", "짧은 시간에 너무 많이 요청했습니다."},
     {"Wait as Retry-After says; limits: respring config explain, limits.*",
      "Retry-After만큼 기다리세요."}},
    {overloaded,
     {"A queue is full; the server refuses early rather than answer late.",
      "서버가 붐벼 요청을 받지 못했습니다."},
     {"Try again after Retry-After. Operators: see /readyz?verbose and respring_pool_queued.",
      "Retry-After 후에 다시 시도하세요."}},
    {slot_moving,
     {"The room's slot is changing its database just now.",
      "대화방이 다른 데이터베이스로 옮겨지는 중입니다."},
     {"Try again after Retry-After; it takes milliseconds.", "곧 다시 시도하세요."}},
    {internal,
     {"Something failed that should not.", "서버 내부 오류입니다."},
     {"Operators: search the log for the answer's trace_id.",
      "운영자는 로그에서 trace_id를 찾으세요."}},
    {upstream_unavailable,
     {"A part of the service cannot be reached.", "서비스의 일부에 연결할 수 없습니다."},
     {"Try again. Operators: see /readyz?verbose.",
      "다시 시도하세요. 운영자는 /readyz?verbose를 보세요."}},
};

const std::vector<ExitMeaning> kExits = {
    {Exit::ok, {"done", "성공"}},
    {Exit::findings, {"differences or findings; nothing went wrong", "차이나 발견 사항이 있음"}},
    {Exit::failed, {"failed", "실패"}},
    {Exit::partly,
     {"partly done; can be resumed, the command says how", "일부만 완료됨. 이어서 할 수 있음"}},
    {Exit::refused,
     {"refused by a safety check; nothing was changed", "안전 검사가 거부함. 바뀐 것 없음"}},
    {Exit::unreachable, {"a backend cannot be reached", "백엔드에 연결할 수 없음"}},
    {Exit::usage, {"the command line is wrong", "명령줄이 잘못됨"}},
    {Exit::configuration, {"the configuration is wrong", "설정이 잘못됨"}},
    {Exit::interrupted, {"interrupted by Ctrl-C", "Ctrl-C로 중단됨"}},
};

}  // namespace

const std::vector<ErrorMeaning>& error_meanings() { return kErrors; }
const std::vector<ExitMeaning>& exit_meanings() { return kExits; }

}  // namespace respring::cmd
