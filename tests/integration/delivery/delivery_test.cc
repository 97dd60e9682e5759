// Live delivery when pub/sub does what it is allowed to do: lose, repeat and reorder. Every reader
// must still get every event of the room once, in the order of the log.
#include <algorithm>
#include <filesystem>
#include <mutex>
#include <random>

#include <gtest/gtest.h>

#include "async/run.h"
#include "base/json.h"
#include "contract/temporary_folder.h"
#include "respring/bench/target.h"
#include "respring/bench/wait.h"
#include "respring/serve/roles.h"

namespace respring::cmd {
namespace {

/// Passes room signals on badly: one in four is lost, one in four comes twice, one in four comes
/// after its successor. What concerns users and sessions is passed on as it is.
class BadPubSub final : public chat::PubSub {
 public:
  explicit BadPubSub(std::unique_ptr<chat::PubSub> good) : good_(std::move(good)) {}

  void publish(std::string_view channel, std::shared_ptr<const std::string> payload) override {
    if (!channel.starts_with("rs:room:")) return good_->publish(channel, payload);
    std::shared_ptr<const std::string> first;
    std::shared_ptr<const std::string> second;
    {
      const std::lock_guard lock(mutex_);
      first = payload;
      second = std::exchange(held_, nullptr);
      switch (random_() % 4) {
        case 0:
          first = nullptr;
          break;
        case 1:
          second = payload;
          break;
        case 2:
          held_ = std::exchange(first, nullptr);
          break;
        default:
          break;
      }
    }
    if (first) good_->publish(channel, first);
    if (second) good_->publish(channel, second);
  }
  std::unique_ptr<Subscription> subscribe(std::string channel, Handler handler) override {
    return good_->subscribe(std::move(channel), std::move(handler));
  }

 private:
  std::unique_ptr<chat::PubSub> good_;
  std::mutex mutex_;
  std::minstd_rand random_{7};
  std::shared_ptr<const std::string> held_;
};

/// Writes down the seqs of the events that come.
class Reader final : public net::WsHandler {
 public:
  void on_message(std::string_view text) override {
    const json::Value frame = json::parse(text, 32).value();
    const std::string op = frame.string_or("op");
    const std::lock_guard lock(mutex_);
    if (op == "event") seqs_.push_back(frame.int_or("seq"));
    if (op == "ready") ready_ = true;
    if (op == "gone") gone_ = true;
    last_kind_ = op == "event" ? frame.string_or("kind") : last_kind_;
  }
  void on_closed(std::uint16_t) override {}

  std::vector<Seq> seqs() const {
    const std::lock_guard lock(mutex_);
    return seqs_;
  }
  bool ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
  }
  bool gone() const {
    const std::lock_guard lock(mutex_);
    return gone_;
  }
  std::string last_kind() const {
    const std::lock_guard lock(mutex_);
    return last_kind_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Seq> seqs_;
  bool ready_ = false;
  bool gone_ = false;
  std::string last_kind_;
};

std::vector<Seq> range(Seq from, Seq to) {
  std::vector<Seq> seqs;
  for (Seq seq = from; seq <= to; ++seq) seqs.push_back(seq);
  return seqs;
}

class Delivery : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.data_dir = folder_.path();
    settings_.listen = settings_.admin_listen = {"127.0.0.1", 0};
    for (config::Rate* rate :
         {&settings_.limits.sends_per_user, &settings_.limits.requests_per_ip,
          &settings_.limits.logins_per_handle, &settings_.limits.registrations_per_ip,
          &settings_.limits.frames_per_connection}) {
      *rate = config::Rate{};
    }
    dir_.emplace(DataDir::open(settings_.data_dir, DataDir::Use::serve).value());
    platform_ = Platform::open(settings_, *dir_, RoleSet::all()).value();
    platform_->pub_sub = std::make_unique<BadPubSub>(std::move(platform_->pub_sub));
    roles_ = std::make_unique<Roles>(*platform_, settings_, RoleSet::all());
    ASSERT_TRUE(roles_->start());
    Target::Options options;
    options.port = roles_->port();
    target_ = std::make_unique<Target>(options);
  }
  void TearDown() override {
    for (const auto& socket : sockets_) socket->post([socket] { socket->cut(); });
    EXPECT_TRUE(wait_until([&] {
      return std::ranges::none_of(sockets_,
                                  [](const auto& socket) { return socket.use_count() > 1; });
    }));
    sockets_.clear();  // before the loops they live on
    target_.reset();
    roles_->stop(std::chrono::seconds(1));
    platform_->stop();
    roles_.reset();
    platform_.reset();
  }

  std::shared_ptr<Reader> reader(const Person& person) {
    auto reader = std::make_shared<Reader>();
    sockets_.push_back(target_->connect(person, reader, target_->io().next()).value());
    EXPECT_TRUE(wait_until([&] { return reader->ready(); }));
    return reader;
  }
  void send(const Person& person, const std::string& room, int count) {
    for (int i = 0; i < count; ++i) {
      json::Writer w;
      w.begin_object().field("cid", new_uuid().str()).field("text", "글").end_object();
      const auto sent =
          target_->call(&person, net::Method::post, "/v1/rooms/" + room + "/messages", w.take());
      ASSERT_TRUE(sent && sent.value().status == 201);
    }
  }

  testing::TemporaryFolder folder_;
  Settings settings_;
  std::optional<DataDir> dir_;
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<Roles> roles_;
  std::unique_ptr<Target> target_;
  std::vector<std::shared_ptr<net::WsConnection>> sockets_;
};

TEST_F(Delivery, EveryReaderGetsTheLogInOrderWhateverPubSubDoes) {
  const auto people = target_->people(3).value();
  const std::string room = target_->group(people).value();
  std::vector<std::shared_ptr<Reader>> readers;
  for (const Person& person : people) readers.push_back(reader(person));
  send(people[0], room, 200);
  for (const auto& reader : readers) {
    // The last signal may be the lost one: then the comparison of heads brings it.
    ASSERT_TRUE(wait_until([&] { return reader->seqs().size() >= 200; }));
    EXPECT_EQ(reader->seqs(), range(2, 201));
  }
}

TEST_F(Delivery, WhoJoinsHearsFromHisOwnEventOnAndWhoLeavesHearsNothingMore) {
  const auto people = target_->people(2).value();
  const std::string room = target_->group({people[0]}).value();
  const auto guest = reader(people[1]);
  send(people[0], room, 5);
  const std::string member = "/v1/rooms/" + room + "/members/" + people[1].id;
  ASSERT_EQ(target_->call(&people[0], net::Method::put, member, "{}").value().status, 200);
  send(people[0], room, 20);
  ASSERT_EQ(target_->call(&people[0], net::Method::delete_, member).value().status, 204);
  send(people[0], room, 20);
  ASSERT_TRUE(wait_until([&] { return guest->seqs().size() >= 22; }));
  const auto owner = reader(people[0]);  // its hello shows that what was published has been handled
  EXPECT_EQ(guest->seqs(), range(7, 28));
  EXPECT_EQ(guest->last_kind(), "member");
}

}  // namespace
}  // namespace respring::cmd
