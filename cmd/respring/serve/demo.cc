#include "respring/serve/demo.h"

#include <sodium.h>

#include <array>

#include "async/run.h"
#include "net/cookie.h"

namespace respring::cmd {
namespace {

struct Somebody {
  const char* handle;
  const char* name;
};
constexpr std::array kPeople = {Somebody{"minji", "김민지"}, Somebody{"youngho", "박영호"},
                                Somebody{"sunja", "이순자"}};

struct Line {
  std::size_t person;
  const char* text;
};
constexpr std::array kHiking = {
    Line{1, "이번 토요일 북한산 둘레길 어떠세요?"},
    Line{2, "좋아요. 무릎이 안 좋으니 쉬운 길로 가요."},
    Line{0, "제가 도시락을 준비할게요. 아침 9시에 온라인커뮤니티 게시판에 적어 둘게요."},
    Line{1, "그럼 우이역 2번 출구에서 뵙겠습니다. 다시 봄이 왔네요 🌸"}};
constexpr std::array kLetter = {Line{2, "민지 씨, 사진 잘 받았어요."},
                                Line{0, "다음 수업은 수요일 오전 10시예요. 꼭 오세요!"}};

/// Everything the demo is made with, and who is in it by now.
struct Maker {
  Platform& platform;
  user::UserService& users;
  room::RoomService& rooms;
  message::MessageService& log;
  std::vector<UserId> ids;
};

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

Task<Result<void>> say(Maker& maker, RoomId room, const Line* lines, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    chat::Send send;
    send.cid = new_uuid();
    send.text = lines[i].text;
    chat::Write write{room, maker.ids[lines[i].person], std::move(send), soon()};
    RESPRING_CO_TRYV(co_await maker.log.write(std::move(write)));
  }
  co_return success();
}

Task<Result<void>> make_rooms(Maker& maker) {
  std::vector<UserId> others = {maker.ids[1], maker.ids[2]};
  std::string title = "둘레길 모임";
  const room::Asker by{maker.ids[0], soon()};
  RESPRING_CO_TRY(const room::NewRoom hiking, co_await maker.rooms.create_group(by, title, others));
  RESPRING_CO_TRYV(co_await say(maker, hiking.room.id, kHiking.data(), kHiking.size()));
  RESPRING_CO_TRY(const room::NewRoom letter, co_await maker.rooms.open_direct(by, maker.ids[2]));
  co_return co_await say(maker, letter.room.id, kLetter.data(), kLetter.size());
}

/// Adds who is missing; true when somebody was.
Task<Result<bool>> make_people(Maker& maker) {
  bool made = false;
  for (const Somebody& somebody : kPeople) {
    RESPRING_CO_TRY(const auto known, co_await maker.platform.users->by_handle(somebody.handle));
    if (known) {
      maker.ids.push_back(known->id);
      continue;
    }
    // Nobody knows this password: the demo's people log in with the tokens below only.
    user::NewAccount account{somebody.handle, somebody.name, Secret<std::string>(random_token(24))};
    std::string from = "demo";
    RESPRING_CO_TRY(const chat::User user,
                    co_await maker.users.register_user(std::move(account), std::move(from)));
    maker.ids.push_back(user.id);
    made = true;
  }
  co_return made;
}

Task<Result<Secret<std::string>>> log_in(Maker& maker, UserId user) {
  std::string token = random_token(32);
  chat::NewSession session{user, "demo", std::string(crypto_hash_sha256_BYTES, '\0'), Time{}};
  session.expires_at = maker.platform.clock.now() + kDemoLife;
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(session.token_hash.data()),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size());
  RESPRING_CO_TRYV(co_await maker.platform.users->add_session(std::move(session)));
  co_return Secret<std::string>(std::move(token));
}

Task<Result<std::vector<DemoPerson>>> make_all(Maker& maker) {
  RESPRING_CO_TRY(const bool fresh, co_await make_people(maker));
  if (fresh) {
    RESPRING_CO_TRYV(co_await make_rooms(maker));
  }
  std::vector<DemoPerson> people;
  for (std::size_t i = 0; i < kPeople.size(); ++i) {
    RESPRING_CO_TRY(auto token, co_await log_in(maker, maker.ids[i]));
    people.push_back({kPeople[i].handle, kPeople[i].name, std::move(token)});
  }
  co_return people;
}

}  // namespace

DemoLinks::DemoLinks() {
  auto handler = [this](net::Request& request, const net::PathParams& params) {
    return follow(request, params[0]);
  };
  routes_.add(net::Method::get, "/demo/{code}", net::Handler(handler));
}

std::string DemoLinks::add(const Secret<std::string>& token) {
  std::string code = random_token(24);
  std::string path = "/demo/" + code;
  const std::lock_guard lock(mutex_);
  links_.emplace(std::move(code), Link{token, std::chrono::steady_clock::now() + kDemoLife});
  return path;
}

Task<net::Response> DemoLinks::follow(const net::Request& request, std::string code) {
  std::optional<Link> link;
  {
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(code);
    if (found != links_.end()) link = found->second;
  }
  if (!link || std::chrono::steady_clock::now() >= link->until) {
    co_return net::problem_response(
        not_found("this link is not valid; restart with --demo for new ones"), request);
  }
  net::Response response;
  response.status = 303;
  response.headers.add("Location", "/");
  net::set_session_cookie(response, request, link->token.reveal(), kDemoLife);
  co_return response;
}

Result<std::vector<DemoPerson>> make_demo(Platform& platform, user::UserService& users,
                                          room::RoomService& rooms, message::MessageService& log) {
  Maker maker{platform, users, rooms, log, {}};
  return async::block_on(platform.io->at(0).get_executor(), make_all(maker));
}

}  // namespace respring::cmd
