#include "redis/recent_events.h"

#include <array>

#include "chat/signals.h"

namespace respring::redis {
namespace {

using chat::RecentEvents;

// An element is a signal, whose first line is `kind room epoch seq …` (chat/signals.cc).
constexpr std::string_view kLast = R"(
local last = redis.call('LINDEX', KEYS[1], -1)
local epoch, seq
if last then
  epoch, seq = string.match(last, '^%d+ %d+ (%d+) (%d+) ')
  epoch, seq = tonumber(epoch), tonumber(seq)
end
)";
// What was kept goes on with the next number only, and not over a change of what is older. An event
// that comes late is older than what is kept, so nothing here is concerned by it.
constexpr std::string_view kAdd = R"(
local new_epoch, new_seq = tonumber(ARGV[1]), tonumber(ARGV[2])
if seq then
  if new_epoch < epoch or (new_epoch == epoch and new_seq <= seq) then return 0 end
  if new_epoch > epoch or new_seq > seq + 1 or ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end
end
redis.call('RPUSH', KEYS[1], ARGV[4])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[5]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
)";
constexpr std::string_view kFind = R"(
if not seq or epoch ~= tonumber(ARGV[1]) then return false end
local count, beyond = seq - tonumber(ARGV[2]), seq - tonumber(ARGV[3])
if beyond < 0 or count > redis.call('LLEN', KEYS[1]) then return false end
return redis.call('LRANGE', KEYS[1], -count, -1 - beyond)
)";

std::string script(std::string_view body) { return std::string(kLast).append(body); }

std::string key_of(RoomId room) { return "rs:recent:" + room.str(); }

class RedisRecentEvents final : public RecentEvents {
 public:
  explicit RedisRecentEvents(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  void add(chat::RecentEvent event) override {
    if (event.payload->size() > kLargest) return forget(event.room);
    const auto shared = std::make_shared<const chat::RecentEvent>(std::move(event));
    send(*client_, "EVALSHA", add_.digest(), *shared,
         [weak = std::weak_ptr(client_), shared, source = add_source_](const Result<Reply>& reply) {
           if (!reply || reply.assume_value().error_code() != "NOSCRIPT") return;
           if (const auto client = weak.lock()) send(*client, "EVAL", *source, *shared, {});
         });
  }

  void forget(RoomId room) override {
    const std::string key = key_of(room);
    const std::array<std::string_view, 2> words = {"DEL", key};
    client_->send(words, [](const Result<Reply>&) {});
  }

  Task<Result<std::optional<std::vector<std::string>>>> find(RoomId room, RoomEpoch epoch,
                                                             Seq after, Seq head) override {
    std::optional<std::vector<std::string>> found;
    if (head <= after || head - after > static_cast<Seq>(kMostPerRoom)) co_return found;
    std::vector<std::string> words = {key_of(room), std::to_string(epoch), std::to_string(after),
                                      std::to_string(head)};
    RESPRING_CO_TRY(Reply reply, co_await find_.run(*client_, 1, std::move(words)));
    if (reply.kind != Reply::Kind::array) co_return found;
    found.emplace();
    for (Reply& element : reply.elements) {
      const auto signal = chat::decode_signal(element.text);
      if (!signal || signal->epoch != epoch || signal->seq != ++after) co_return std::nullopt;
      found->push_back(std::move(element.text));
    }
    if (after != head) co_return std::nullopt;
    co_return found;
  }

 private:
  static void send(Client& client, std::string_view verb, std::string_view text,
                   const chat::RecentEvent& event, Client::Done done) {
    static const std::string most = std::to_string(kMostPerRoom);
    static const std::string life =
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(kLife).count());
    const std::string key = key_of(event.room);
    const std::string epoch = std::to_string(event.epoch);
    const std::string seq = std::to_string(event.seq);
    const std::array<std::string_view, 10> words = {
        verb,           text, "1", key, epoch, seq, event.changes_older ? "1" : "0",
        *event.payload, most, life};
    if (!done) done = [](const Result<Reply>&) {};
    client.send(words, std::move(done));
  }

  std::shared_ptr<Client> client_;
  const std::shared_ptr<const std::string> add_source_ =
      std::make_shared<const std::string>(script(kAdd));
  const Script add_{*add_source_};
  const Script find_{script(kFind)};
};

}  // namespace

std::unique_ptr<RecentEvents> make_recent_events(std::shared_ptr<Client> client) {
  return std::make_unique<RedisRecentEvents>(std::move(client));
}

}  // namespace respring::redis
