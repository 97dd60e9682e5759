// A chat room as Beast's examples write it: every session has a queue, and every message in it is
// one async_write of its own.

#include <cstdlib>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include "async/asio.h"
#include "report.h"

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace asio = boost::asio;
using Message = std::shared_ptr<const std::string>;

class Session;
struct Room {
  std::set<std::shared_ptr<Session>> sessions;
  std::uint64_t served = 0;
  void tell_all(const Message& message);
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::ip::tcp::socket socket, Room& room) : stream_(std::move(socket)), room_(room) {}

  void start() {
    beast::get_lowest_layer(stream_).socket().set_option(asio::ip::tcp::no_delay(true));
    stream_.set_option(websocket::stream_base::decorator([](websocket::response_type& answer) {
      answer.set(beast::http::field::sec_websocket_protocol, "respring.v1");
    }));
    stream_.async_accept([self = shared_from_this()](beast::error_code error) {
      if (error) return;
      self->room_.sessions.insert(self);
      self->read();
    });
  }

  void send(const Message& message) {
    queue_.push_back(message);
    if (queue_.size() == 1) write();
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) {
        self->room_.sessions.erase(self);
        return;
      }
      const auto text = beast::buffers_to_string(self->buffer_.data());
      self->buffer_.consume(self->buffer_.size());
      self->room_.tell_all(std::make_shared<const std::string>(text));
      self->read();
    });
  }

  void write() {
    stream_.text(true);
    stream_.async_write(asio::buffer(*queue_.front()),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (error) return;
                          ++self->room_.served;
                          self->queue_.pop_front();
                          if (!self->queue_.empty()) self->write();
                        });
  }

  websocket::stream<beast::tcp_stream> stream_;
  Room& room_;
  beast::flat_buffer buffer_;
  std::deque<Message> queue_;
};

void Room::tell_all(const Message& message) {
  for (const auto& session : sessions) session->send(message);
}

void accept_next(asio::ip::tcp::acceptor& acceptor, Room& room) {
  acceptor.async_accept([&](beast::error_code error, asio::ip::tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket), room)->start();
    accept_next(acceptor, room);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  asio::io_context context(1);
  Room room;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
  accept_next(acceptor, room);
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&](beast::error_code, int) { context.stop(); });
  context.run();
  reference::report(room.served);
}
