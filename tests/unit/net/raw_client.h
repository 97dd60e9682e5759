#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace respring::net::test {

/// A blocking TCP client that sends exactly the bytes a test wants. Gives up after ten seconds.
class RawClient {
 public:
  struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };

  explicit RawClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer != 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void finish_sending() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  /// One answer: its head, and a body by Content-Length or up to the end of a chunked one.
  Answer answer(bool head_only = false) {
    Answer out;
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!more()) return out;
    }
    const auto end = received_.find("\r\n\r\n");
    parse_head(received_.substr(0, end + 2), out);
    received_.erase(0, end + 4);
    if (head_only) return out;
    if (out.headers.contains("content-length")) {
      out.body = exactly(std::stoul(out.headers["content-length"]));
    } else if (out.headers.contains("transfer-encoding")) {
      while (true) {
        const std::size_t size = std::stoul(line(), nullptr, 16);
        out.body += exactly(size);
        line();
        if (size == 0) break;
      }
    }
    return out;
  }

  std::string exactly(std::size_t n) {
    while (received_.size() < n && more()) {
    }
    std::string out = received_.substr(0, n);
    received_.erase(0, n);
    return out;
  }

  /// Everything up to the end of the connection.
  std::string rest() {
    while (more()) {
    }
    return std::exchange(received_, {});
  }

  /// Whether the peer ends the connection without another byte.
  bool ended() { return rest().empty() && !timed_out_; }

 private:
  bool more() {
    char piece[16384];
    const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
    timed_out_ = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (n <= 0) return false;
    received_.append(piece, static_cast<std::size_t>(n));
    return true;
  }

  std::string line() {
    while (received_.find("\r\n") == std::string::npos) {
      if (!more()) return "0";
    }
    const auto end = received_.find("\r\n");
    std::string out = received_.substr(0, end);
    received_.erase(0, end + 2);
    return out;
  }

  static void parse_head(const std::string& head, Answer& out) {
    out.status = std::stoi(head.substr(9, 3));
    std::size_t at = head.find("\r\n") + 2;
    while (at < head.size()) {
      const auto end = head.find("\r\n", at);
      const auto colon = head.find(": ", at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      out.headers[name] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
  }

  int fd_ = -1;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string received_;
};

}  // namespace respring::net::test
