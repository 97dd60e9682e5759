// Between a node's looking up and its storing lies a question to the user role, and in that time
// the session may end. So an end is not only a deletion: it leaves a mark that put() meets, for
// longer than any answer from before can be on its way. An answer that comes later still is known
// by the age of its ticket; and a server that came back empty, without its marks, by its epoch, a
// random word that is made anew when it is missing.
//
//   rs:session:token:{sha256}  the entry: its end in microseconds, session, user, then the session
//   rs:session:token-of:{id}   under which hash a session's entry stands, for its end
//   rs:session:ended:{id}      the mark of an end; the value is its own end
//   rs:session:barred:{user}   the same for all sessions of a user
//   rs:session:epoch           what the server's memory began with
//
// The ends of lives stand in the values, so that one clock decides; keys expire only to be gone.
#include "redis/shared_sessions.h"

#include <sodium.h>

#include "base/ids.h"
#include "chat/wire.h"

namespace respring::redis {
namespace {

using chat::SharedSessions;
using std::chrono::milliseconds;
using Words = std::vector<std::string>;

constexpr std::string_view kEnded = R"(
local function stands(key)
  local ends = redis.call('GET', key)
  return ends and tonumber(ends) > now
end
local function ended(id, user)
  return stands('rs:session:ended:' .. id) or stands('rs:session:barred:' .. user)
end
)";
constexpr std::string_view kFind = R"(
local value = redis.call('GET', KEYS[1])
if value then
  local ends, id, user, session = string.match(value, '^(%d+) (%d+) (%d+)\n(.*)$')
  if ends and tonumber(ends) > now and not ended(id, user) then return {session} end
  redis.call('DEL', KEYS[1])
end
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', KEYS[2], epoch)
end
return string.format('%.0f', now) .. ' ' .. epoch
)";
constexpr std::string_view kPut = R"(
if ended(ARGV[2], ARGV[3]) then return 'ended' end
local asked, epoch = string.match(ARGV[4], '^(%d+) (.*)$')
local age = now - (tonumber(asked) or 0)
if age < 0 or age > ARGV[5] * 1000 or redis.call('GET', KEYS[2]) ~= epoch then return 'dropped' end
local ends = string.format('%.0f', asked + ARGV[6] * 1000)
redis.call('SET', KEYS[1], ends .. ' ' .. ARGV[2] .. ' ' .. ARGV[3] .. '\n' .. ARGV[7],
           'PX', ARGV[6])
redis.call('SET', KEYS[3], KEYS[1], 'PX', ARGV[6])
return 'kept'
)";
constexpr std::string_view kEnd = R"(
local ends = string.format('%.0f', now + ARGV[2] * 1000)
for i = 3, #ARGV do
  redis.call('SET', 'rs:session:ended:' .. ARGV[i], ends, 'PX', ARGV[2])
  local entry = redis.call('GET', 'rs:session:token-of:' .. ARGV[i])
  if entry then redis.call('DEL', entry, 'rs:session:token-of:' .. ARGV[i]) end
end
return 'OK'
)";
constexpr std::string_view kBar = R"(
redis.call('SET', KEYS[1], string.format('%.0f', now + ARGV[2] * 1000), 'PX', ARGV[2])
return 'OK'
)";
constexpr std::size_t kSessionsAtOnce = 500;  // a script holds the server up while it runs
constexpr std::size_t kEpochBytes = 12;

std::string script(std::string_view body) {
  return std::string(kNowInScript).append(kEnded).append(body);
}

std::string entry_key(std::string_view token_hash) {
  std::string hex(2 * token_hash.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(token_hash.data()),
                 token_hash.size());
  hex.pop_back();
  return "rs:session:token:" + hex;
}

std::string barred_key(UserId user) { return "rs:session:barred:" + user.str(); }

std::string text_of(milliseconds life) { return std::to_string(life.count()); }

class RedisSharedSessions final : public SharedSessions {
 public:
  RedisSharedSessions(std::shared_ptr<Client> client, chat::SharedSessionLives lives,
                      ServerTime now)
      : client_(std::move(client)), lives_(lives), now_(std::move(now)) {}

  Task<Result<Found>> find(std::string token_hash) override {
    Words words = {entry_key(token_hash), kEpochKey, now_argument(now_), random_token(kEpochBytes)};
    RESPRING_CO_TRY(Reply reply, co_await find_.run(*client_, 2, std::move(words)));
    Found found;
    if (reply.kind == Reply::Kind::array && reply.elements.size() == 1) {
      const std::string& kept = reply.elements.front().text;
      RESPRING_CO_TRY(const json::Value value, json::parse(kept));
      RESPRING_CO_TRY(found.session, chat::wire::read<chat::Session>(value));
    } else {
      found.ticket.text = std::move(reply.text);
    }
    co_return found;
  }

  Task<Result<Put>> put(Ticket ticket, std::string token_hash, chat::Session session) override {
    Words words = {entry_key(token_hash),
                   kEpochKey,
                   "rs:session:token-of:" + session.id.str(),
                   now_argument(now_),
                   session.id.str(),
                   session.user.str(),
                   std::move(ticket.text),
                   text_of(lives_.asking),
                   text_of(lives_.entry),
                   chat::wire::to_text(session)};
    RESPRING_CO_TRY(const Reply reply, co_await put_.run(*client_, 3, std::move(words)));
    if (reply.text == "kept") co_return Put::kept;
    co_return reply.text == "ended" ? Put::ended : Put::dropped;
  }

  Task<Result<void>> end(std::vector<SessionId> sessions) override {
    for (std::size_t from = 0; from < sessions.size(); from += kSessionsAtOnce) {
      const std::size_t to = std::min(sessions.size(), from + kSessionsAtOnce);
      Words words = {now_argument(now_), text_of(lives_.ended)};
      for (std::size_t i = from; i < to; ++i) words.push_back(sessions[i].str());
      RESPRING_CO_TRYV(co_await end_.run(*client_, 0, std::move(words)));
    }
    co_return success();
  }

  Task<Result<void>> bar(UserId user) override {
    Words words = {barred_key(user), now_argument(now_), text_of(lives_.ended)};
    RESPRING_CO_TRYV(co_await bar_.run(*client_, 1, std::move(words)));
    co_return success();
  }

  Task<Result<void>> unbar(UserId user) override {
    Words words = {"DEL", barred_key(user)};
    auto reply = co_await client_->call(std::move(words));
    RESPRING_CO_TRYV(answer_of(std::move(reply)));
    co_return success();
  }

 private:
  static constexpr const char* kEpochKey = "rs:session:epoch";

  std::shared_ptr<Client> client_;
  const chat::SharedSessionLives lives_;
  ServerTime now_;
  const Script find_{script(kFind)};
  const Script put_{script(kPut)};
  const Script end_{script(kEnd)};
  const Script bar_{script(kBar)};
};

}  // namespace

std::unique_ptr<SharedSessions> make_shared_sessions(std::shared_ptr<Client> client,
                                                     chat::SharedSessionLives lives,
                                                     ServerTime now) {
  return std::make_unique<RedisSharedSessions>(std::move(client), lives, std::move(now));
}

}  // namespace respring::redis
