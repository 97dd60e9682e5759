#include <algorithm>
#include <atomic>

#include "base/ids.h"
#include "respring/bench/scenarios.h"
#include "respring/bench/wait.h"

namespace respring::cmd {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t micros(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

/// One sender. Each message has a moment when it is due; the ack's delay counts from there, so a
/// server that stalls cannot hide it by slowing the generator down.
class Sender final : public net::WsHandler, public std::enable_shared_from_this<Sender> {
 public:
  Sender(std::string room, const BenchArguments& given, asio::io_context& io)
      : room_(std::move(room)), text_(static_cast<std::size_t>(given.bytes), 'x'), timer_(io) {
    if (given.rate > 0) {
      every_ = std::chrono::nanoseconds(1'000'000'000LL * given.connections / given.rate);
    }
    in_flight_ = given.in_flight;
  }

  void attach(std::shared_ptr<net::WsConnection> socket) { socket_ = std::move(socket); }
  bool ready() const { return ready_; }

  void begin(Clock::time_point start, Clock::time_point end) {
    due_ = start;
    end_ = end;
    if (every_.count() > 0) return tick();
    for (std::int64_t i = 0; i < in_flight_; ++i) send(Clock::now());
  }

  void on_message(std::string_view text) override {
    if (text.starts_with(R"({"op":"ack")")) return on_ack(text);
    if (text.starts_with(R"({"op":"event")")) return on_event(text);
    if (text.starts_with(R"({"op":"ready")")) ready_ = true;
    if (text.starts_with(R"({"op":"error")")) ++errors;
  }
  void on_closed(std::uint16_t code) override { closed_with = code; }

  Histogram latency;
  Histogram delivery;
  std::int64_t sent = 0;
  std::int64_t acked = 0;
  std::int64_t delivered = 0;
  std::int64_t errors = 0;
  std::atomic<std::uint16_t> closed_with{0};

 private:
  void tick() {
    const auto now = Clock::now();
    for (; due_ <= now && due_ < end_; due_ += every_) send(due_);
    if (due_ >= end_) return;
    timer_.expires_at(due_);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code) { self->tick(); });
  }

  void send(Clock::time_point due) {
    std::string frame = R"({"op":"send","ref":")" + std::to_string(dues_.size());
    frame += R"(","room":")" + room_ + R"(","cid":")" + new_uuid().str();
    frame += R"(","text":")" + text_ + R"("})";
    dues_.push_back(due);
    ++sent;
    socket_->send(net::client_text(frame));
  }

  void on_ack(std::string_view text) {
    const auto now = Clock::now();
    const std::size_t at = text.find(R"("ref":")") + 7;
    const auto ref = static_cast<std::size_t>(std::strtoull(text.data() + at, nullptr, 10));
    if (ref >= dues_.size()) return;
    latency.record(micros(now - dues_[ref]));
    ++acked;
    if (every_.count() == 0 && now < end_) send(now);
  }

  // The room is his alone and what he sends keeps its order: the next one delivered is the next one
  // sent.
  void on_event(std::string_view text) {
    if (text.find(R"("kind":"message")") == text.npos) return;
    const auto at = static_cast<std::size_t>(delivered);
    if (at >= dues_.size()) return;
    delivery.record(micros(Clock::now() - dues_[at]));
    ++delivered;
  }

  std::string room_;
  std::string text_;
  asio::steady_timer timer_;
  std::shared_ptr<net::WsConnection> socket_;
  std::vector<Clock::time_point> dues_;
  std::chrono::nanoseconds every_{0};
  std::int64_t in_flight_ = 1;
  Clock::time_point due_;
  Clock::time_point end_;
  std::atomic<bool> ready_{false};
};

}  // namespace

Result<void> bench_send(Target& target, const BenchArguments& asked, BenchReport& report) {
  BenchArguments given = asked;
  if (given.connections == 0) given.connections = 8;
  RESPRING_TRY(const auto people, target.people(static_cast<std::size_t>(given.connections)));
  std::vector<std::shared_ptr<Sender>> senders;
  std::vector<std::shared_ptr<net::WsConnection>> sockets;
  for (std::size_t i = 0; i < people.size(); ++i) {
    RESPRING_TRY(const std::string room, target.group({people[i]}));
    asio::io_context& io = target.io().next();
    senders.push_back(std::make_shared<Sender>(room, given, io));
    RESPRING_TRY(auto socket, target.connect(people[i], senders.back(), io));
    sockets.push_back(socket);
    socket->post([sender = senders.back(), socket] { sender->attach(socket); });
  }
  RESPRING_TRYV(wait_until([&] {
    return std::all_of(senders.begin(), senders.end(), [](const auto& s) { return s->ready(); });
  }));
  const ServerFigures before = target.figures();
  const auto start = Clock::now() + std::chrono::milliseconds(50);
  const auto end = start + std::chrono::seconds(given.seconds);
  for (std::size_t i = 0; i < senders.size(); ++i) {
    sockets[i]->post([sender = senders[i], start, end] { sender->begin(start, end); });
  }
  std::this_thread::sleep_until(end);
  const ServerFigures after = target.figures();
  std::this_thread::sleep_for(std::chrono::seconds(1));  // for the last acks
  for (const auto& socket : sockets) socket->post([socket] { socket->close(1000); });
  RESPRING_TRYV(wait_until([&] {
    return std::all_of(senders.begin(), senders.end(),
                       [](const auto& s) { return s->closed_with != 0; });
  }));
  Histogram latency;
  Histogram delivery;
  std::int64_t sent = 0;
  std::int64_t acked = 0;
  std::int64_t delivered = 0;
  std::int64_t errors = 0;
  for (const auto& sender : senders) {
    latency.add(sender->latency);
    delivery.add(sender->delivery);
    delivered += sender->delivered;
    sent += sender->sent;
    acked += sender->acked;
    errors += sender->errors;
  }
  report.count("connections", given.connections);
  report.count("sent", sent);
  report.count("acked", acked);
  report.count("errors", errors);
  report.number("acked_per_s", static_cast<double>(acked) / static_cast<double>(given.seconds));
  report.latency("ack", latency);
  report.count("delivered", delivered);
  report.latency("deliver", delivery);
  report.server(before, after, acked);
  return success();
}

}  // namespace respring::cmd
