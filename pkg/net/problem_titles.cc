#include <array>

#include "net/problem.h"

namespace respring::net {
namespace {

struct Title {
  ErrorCode code;
  std::string_view english;
  std::string_view korean;
};

constexpr std::array kTitles = {
    Title{ErrorCode::invalid_request, "The request is not valid", "요청이 올바르지 않아요."},
    Title{ErrorCode::unknown_field, "The request has an unknown field",
          "요청에 알 수 없는 항목이 있어요."},
    Title{ErrorCode::unauthenticated, "Sign in first", "먼저 로그인해 주세요."},
    Title{ErrorCode::forbidden, "You may not do this", "이 작업을 할 권한이 없어요."},
    Title{ErrorCode::not_found, "Not found", "찾을 수 없어요."},
    Title{ErrorCode::method_not_allowed, "This method is not allowed here",
          "여기서는 쓸 수 없는 요청 방식이에요."},
    Title{ErrorCode::request_timeout, "The request took too long to arrive",
          "요청이 제때 도착하지 않았어요."},
    Title{ErrorCode::conflict, "It conflicts with what already exists",
          "이미 있는 것과 겹쳐서 처리할 수 없어요."},
    Title{ErrorCode::cid_reused, "This cid was used for another message",
          "이 cid는 이미 다른 메시지에 쓰였어요."},
    Title{ErrorCode::payload_too_large, "The body is too large", "보낸 내용이 너무 커요."},
    Title{ErrorCode::uri_too_long, "The address is too long", "주소가 너무 길어요."},
    Title{ErrorCode::unsupported_media_type, "This content type is not supported",
          "지원하지 않는 콘텐츠 형식이에요."},
    Title{ErrorCode::headers_too_large, "The headers are too large", "요청 헤더가 너무 커요."},
    Title{ErrorCode::rate_limited, "Too many requests",
          "요청이 너무 많아요. 잠시 뒤에 다시 해 주세요."},
    Title{ErrorCode::overloaded, "The server is busy",
          "지금 서버가 바빠요. 잠시 뒤에 다시 해 주세요."},
    Title{ErrorCode::slot_moving, "This room is being moved, try again in a moment",
          "이 방을 옮기는 중이에요. 잠시 뒤에 다시 해 주세요."},
    Title{ErrorCode::internal, "Something went wrong on our side", "서버에 문제가 생겼어요."},
    Title{ErrorCode::upstream_unavailable, "A part of the service does not answer",
          "서비스의 일부가 응답하지 않아요."},
};

constexpr bool in_order_of_the_codes() {
  for (std::size_t i = 0; i < kTitles.size(); ++i) {
    if (static_cast<std::size_t>(kTitles[i].code) != i) return false;
  }
  return kTitles.size() == static_cast<std::size_t>(ErrorCode::upstream_unavailable) + 1;
}
static_assert(in_order_of_the_codes(), "title_of() finds a title by its code's number");

}  // namespace

std::string_view title_of(ErrorCode code, Language language) {
  const Title& title = kTitles[static_cast<std::size_t>(code)];
  return language == Language::ko ? title.korean : title.english;
}

}  // namespace respring::net
