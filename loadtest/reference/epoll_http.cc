// The least an HTTP answer can cost on Linux: find the end of the head, send the same bytes.

#include <string>
#include <unordered_map>

#include "epoll.h"
#include "report.h"

namespace {

std::uint64_t served = 0;

/// False when the connection is over.
bool serve(int fd, std::string& unread, const std::string& answer) {
  static char buffer[64 * 1024];
  const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
  if (n < 0) return errno == EAGAIN;
  if (n == 0) return false;
  unread.append(buffer, static_cast<std::size_t>(n));
  std::string out;
  for (auto end = unread.find("\r\n\r\n"); end != std::string::npos;
       end = unread.find("\r\n\r\n")) {
    unread.erase(0, end + 4);
    out += answer;
    ++served;
  }
  return out.empty() ||
         ::send(fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  const std::string body(static_cast<std::size_t>(std::atoi(argv[2])), 'x');
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size() + 2) + "\r\n\r\n\"" + body + "\"";
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  const int listener = reference::listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int stop = reference::stop_signals();
  reference::watch(epoll, listener, EPOLLIN);
  reference::watch(epoll, stop, EPOLLIN);
  std::unordered_map<int, std::string> unread;
  epoll_event events[256];
  for (bool running = true; running;) {
    const int n = ::epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == stop) {
        running = false;
      } else if (fd == listener) {
        const int client = reference::accept_one(listener);
        if (client >= 0) reference::watch(epoll, client, EPOLLIN);
      } else if (!serve(fd, unread[fd], answer)) {
        unread.erase(fd);
        ::close(fd);
      }
    }
  }
  reference::report(served);
}
