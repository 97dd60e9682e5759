#include "respring/bench/storm.h"

namespace respring::cmd {
namespace {

/// Longer than anybody should wait: who is never answered.
constexpr std::chrono::seconds kNever{15};
constexpr std::chrono::seconds kGoodbye{5};

BenchClock::duration duration_of(double seconds) {
  return std::chrono::duration_cast<BenchClock::duration>(std::chrono::duration<double>(seconds));
}

/// One connection, as its coroutine waits for it. On the connection's thread.
class Visitor final : public net::WsHandler {
 public:
  Visitor(asio::io_context& io, Heard& heard) : news_(io), heard_(heard) {}

  void on_message(std::string_view text) override {
    heard_.note(text);
    if (ready_ || !text.starts_with(R"({"op":"ready")")) return;
    ready_ = true;
    news_.cancel();
  }
  void on_closed(std::uint16_t code) override {
    if (code != 1000) ++heard_.broken;
    closed_ = true;
    news_.cancel();
  }

  /// Until something changes, or then. Something that changed before is no news.
  Task<void> wait(BenchClock::time_point until) {
    news_.expires_at(until);
    boost::system::error_code ignored;
    auto cancelled = asio::redirect_error(asio::use_awaitable, ignored);
    co_await news_.async_wait(cancelled);
  }
  bool is_ready() const { return ready_; }
  bool is_closed() const { return closed_; }

 private:
  asio::steady_timer news_;
  Heard& heard_;
  bool ready_ = false;
  bool closed_ = false;
};

}  // namespace

StormRun::StormRun(Target& target, const World& world, const Storm& storm, Heard& heard,
                   BenchClock::time_point end)
    : target_(target), storm_(storm), heard_(heard), end_(end) {
  for (std::int64_t i = 0; i < storm.connections; ++i) {
    auto& io = target.io().next();
    const Person& person = world.people[static_cast<std::size_t>(i) % world.people.size()];
    group_.spawn(io.get_executor(), come_again(person, io));
  }
}

Task<void> StormRun::come_again(const Person& person, asio::io_context& io) {
  for (std::int64_t i = 0; i < storm_.times && !stopped_ && BenchClock::now() < end_; ++i)
    co_await visit(person, io);
}

Task<void> StormRun::visit(const Person& person, asio::io_context& io) {
  const auto begun = BenchClock::now();
  const auto visitor = std::make_shared<Visitor>(io, heard_);
  const auto socket = co_await target_.open(person, visitor, io);
  if (socket && !visitor->is_ready() && !visitor->is_closed())
    co_await visitor->wait(begun + kNever);
  {
    const std::lock_guard lock(mutex_);
    if (socket && visitor->is_ready()) {
      ready_.record(micros(BenchClock::now() - begun));
    } else {
      ++failed_;
    }
  }
  if (!socket) co_return;
  if (!visitor->is_closed()) co_await visitor->wait(BenchClock::now() + duration_of(storm_.stay));
  if (visitor->is_closed()) co_return;
  socket.value()->close(1000);
  co_await visitor->wait(BenchClock::now() + kGoodbye);
}

}  // namespace respring::cmd
