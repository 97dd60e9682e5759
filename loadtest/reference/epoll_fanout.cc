// The least a fan-out can cost on Linux: the frame is built once, every client's queue holds a
// pointer, and after each round of events a client's queue leaves with one sendmsg.

#include <sys/uio.h>

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "epoll.h"
#include "net/frame_codec.h"
#include "net/handshake.h"
#include "report.h"

namespace {

using respring::net::Frame;
using respring::net::FrameDecoder;
constexpr std::size_t kMaxPieces = 64;

struct Client {
  std::string handshake;  ///< until it is complete
  bool open = false;
  bool dirty = false;
  FrameDecoder decoder{respring::net::WsRole::server, 64 * 1024};
  std::deque<Frame> queue;
  std::size_t written_of_head = 0;
};

struct Server {
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::unordered_map<int, Client> clients;
  std::vector<int> dirty;
  std::uint64_t served = 0;

  void drop(int fd) {
    clients.erase(fd);
    ::close(fd);
  }

  void shake_hands(int fd, Client& client) {
    if (client.handshake.find("\r\n\r\n") == std::string::npos) return;
    const std::string name = "Sec-WebSocket-Key: ";
    const auto at = client.handshake.find(name);
    if (at == std::string::npos) return;
    const std::string key = client.handshake.substr(at + name.size(), 24);
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Protocol: respring.v1\r\nSec-WebSocket-Accept: " +
        respring::net::websocket_accept(key) + "\r\n\r\n";
    client.open = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
    client.handshake.clear();
  }

  void tell_all(const Frame& frame) {
    for (auto& [fd, client] : clients) {
      if (!client.open) continue;
      client.queue.push_back(frame);
      if (!std::exchange(client.dirty, true)) dirty.push_back(fd);
    }
  }

  void read(int fd) {
    static char buffer[64 * 1024];
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return drop(fd);
    if (n < 0) return;
    Client& client = clients[fd];
    if (!client.open) {
      client.handshake.append(buffer, static_cast<std::size_t>(n));
      return shake_hands(fd, client);
    }
    std::span<char> bytes(buffer, static_cast<std::size_t>(n));
    while (true) {
      const auto item = client.decoder.next(bytes);
      using Kind = FrameDecoder::Item::Kind;
      if (item.kind == Kind::need_more) return;
      if (item.kind == Kind::close || item.kind == Kind::fault) return drop(fd);
      if (item.kind == Kind::text) tell_all(respring::net::frame_text(item.payload));
    }
  }

  void flush(int fd) {
    const auto found = clients.find(fd);
    if (found == clients.end()) return;
    Client& client = found->second;
    client.dirty = false;
    while (!client.queue.empty()) {
      iovec pieces[kMaxPieces];
      const std::size_t count = std::min(client.queue.size(), kMaxPieces);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t skip = i == 0 ? client.written_of_head : 0;
        pieces[i] = {const_cast<char*>(client.queue[i]->data()) + skip,
                     client.queue[i]->size() - skip};
      }
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = count;
      const ssize_t n = ::sendmsg(fd, &message, MSG_NOSIGNAL);
      if (n < 0) return watch_writable(fd, true);
      consume(client, static_cast<std::size_t>(n));
    }
  }

  void consume(Client& client, std::size_t n) {
    while (n != 0) {
      const std::size_t left = client.queue.front()->size() - client.written_of_head;
      if (n < left) {
        client.written_of_head += n;
        return;
      }
      n -= left;
      client.written_of_head = 0;
      client.queue.pop_front();
      ++served;
    }
  }

  void watch_writable(int fd, bool on) {
    reference::watch(epoll, fd, on ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  Server server;
  const int listener = reference::listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int stop = reference::stop_signals();
  reference::watch(server.epoll, listener, EPOLLIN);
  reference::watch(server.epoll, stop, EPOLLIN);
  epoll_event events[256];
  for (bool running = true; running;) {
    const int n = ::epoll_wait(server.epoll, events, 256, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == stop) {
        running = false;
      } else if (fd == listener) {
        const int client = reference::accept_one(listener);
        if (client < 0) continue;
        server.clients.try_emplace(client);
        reference::watch(server.epoll, client, EPOLLIN);
      } else {
        if ((events[i].events & EPOLLOUT) != 0) {
          server.watch_writable(fd, false);
          server.flush(fd);
        }
        if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) server.read(fd);
      }
    }
    const std::vector<int> dirty = std::exchange(server.dirty, {});
    for (const int fd : dirty) server.flush(fd);
  }
  reference::report(server.served);
}
