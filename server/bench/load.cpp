// The load of the server benchmark: v2 clients made of plain sockets and one epoll loop, cheap
// enough that the server under test is what is measured.
//
// It connects members (routable clients that answer every request and heartbeat), then reads
// commands from standard input, one a line, and answers each with one line of JSON:
//   members N          bring the number of members to N           {"members": N}
//   join N K stay      N joins, K at a time, that become members  {"joins_per_s", "p50_ms", ...}
//   join N K leave     N joins, K at a time, that leave at once   the same
//   wait S             keep answering for S seconds               {}
// A join is: connect, upgrade with an offer, receive the answer. Its latency is measured from the
// connect. Between commands nobody answers, so commands should follow each other at once.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// base64 of {"type":"offer","sdp":"v=0..."}: as long as a data-channel offer with its candidates.
std::string make_offer() {
  std::string text = "eyJ0eXBlIjoib2ZmZXIiLCJzZHAiOiJ2PTAw";  // {"type":"offer","sdp":"v=00
  for (int i = 0; i < 400; ++i) text += "MDAw";               // 000
  return text + "MCJ9";                                       // 0"}
}

// A masked frame (RFC 6455, 5.2) with the mask 0, which leaves the text as it is.
std::string make_frame(unsigned char opcode, std::string_view text) {
  std::string out(1, static_cast<char>(0x80U | opcode));
  if (text.size() < 126) {
    out += static_cast<char>(0x80U | text.size());
  } else {
    out += static_cast<char>(0xfeU);
    out += static_cast<char>(text.size() >> 8U);
    out += static_cast<char>(text.size() & 255U);
  }
  out.append(4, '\0');
  return out.append(text);
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Client {
  int descriptor = -1;
  bool joining = false;
  bool upgraded = false;
  bool leaves = false;
  Clock::time_point started;
  std::string in;
};

class Load {
 public:
  explicit Load(std::uint16_t port) : port_(port), epoll_(epoll_create1(0)) {}

  void members(std::size_t count) {
    while (clients_.size() < count) {
      const std::size_t batch = std::min<std::size_t>(64, count - clients_.size());
      for (std::size_t i = 0; i < batch; ++i) start("/reconnect", false, false);
      run_until([&] { return upgrading_ == 0; });
    }
    std::printf("{\"members\": %zu}\n", clients_.size());
  }

  void join(std::size_t total, std::size_t at_a_time, bool leaves) {
    latencies_ms_.clear();
    errors_ = 0;
    std::size_t started = 0;
    const auto begin = Clock::now();
    run_until([&] {
      while (started < total && joining_ < at_a_time) {
        start("/bind?originatingSDP=" + offer_, true, leaves);
        ++started;
      }
      return started == total && joining_ == 0;
    });
    report(begin, total);
  }

  void wait(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    run_until([&] { return Clock::now() >= end; });
    std::printf("{}\n");
  }

 private:
  void start(const std::string& target, bool joining, bool leaves) {
    auto client = std::make_unique<Client>();
    client->joining = joining;
    client->leaves = leaves;
    client->started = Clock::now();
    client->descriptor = connect_from_next_address();
    const std::string request =
        "GET " + target +
        " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
        "Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
        "Upgrade: websocket\r\nOrigin: http://127.0.0.1\r\nSec-WebSocket-Version: 13\r\n"
        "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
    send(*client, request);
    ++upgrading_;
    joining_ += joining ? 1 : 0;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = client->descriptor;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, client->descriptor, &event);
    clients_[client->descriptor] = std::move(client);
  }

  // Many addresses of the loopback network, so that ports do not run out.
  int connect_from_next_address() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + next_address_++ % 200);
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail("connect");
    }
    return descriptor;
  }

  void send(const Client& client, std::string_view bytes) {
    // The kernel's buffer is far larger than what a client says at once.
    if (::send(client.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
  }

  template <class Done>
  void run_until(Done done) {
    std::array<epoll_event, 256> events;
    while (!done()) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
      for (int i = 0; i < count; ++i) {
        const auto found = clients_.find(events[static_cast<std::size_t>(i)].data.fd);
        if (found != clients_.end()) read(*found->second);
      }
    }
  }

  void read(Client& client) {
    std::array<char, 65536> buffer;
    const ssize_t size = recv(client.descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) return finish(client, false);
    client.in.append(buffer.data(), static_cast<std::size_t>(size));
    if (!client.upgraded) {
      const std::size_t end = client.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      if (!client.in.starts_with("HTTP/1.1 101")) return finish(client, false);
      client.in.erase(0, end + 4);
      client.upgraded = true;
      --upgrading_;
    }
    while (const std::size_t used = handle_frame(client)) {
      if (used == gone) return;
      client.in.erase(0, used);
    }
    if (client.in.empty()) client.in.shrink_to_fit();
  }

  // Answers the first frame received. The bytes it took; 0 if it is not whole.
  std::size_t handle_frame(Client& client) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(client.in[i]); };
    if (client.in.size() < 4) return 0;
    std::size_t head = 2;
    std::size_t size = byte(1);
    if (size == 126) {
      size = byte(2) * 256U + byte(3);
      head = 4;
    }
    if (client.in.size() < head + size) return 0;
    const std::string_view text(client.in.data() + head, size);
    if (text.starts_with("[\"heartbeat\"")) {
      send(client, heartbeat_);
    } else if (text.starts_with("[\"requestSDP\"")) {
      const std::string ticket(text.substr(text.rfind(',') + 1));
      send(client, make_frame(1, answer_ + ticket));
    } else if (client.joining) {
      const bool answered = text.starts_with("[\"provideSDP\"");
      if (client.leaves || !answered) {
        finish(client, answered);
        return gone;
      }
      joined(client, true);
    }
    return head + size;
  }

  void joined(Client& client, bool answered) {
    client.joining = false;
    --joining_;
    if (!answered) ++errors_;
    const std::chrono::duration<double, std::milli> latency = Clock::now() - client.started;
    if (answered) latencies_ms_.push_back(latency.count());
  }

  void finish(Client& client, bool answered) {
    if (!client.upgraded) --upgrading_;
    if (client.joining) joined(client, answered);
    if (answered) send(client, goodbye_);
    close(client.descriptor);
    clients_.erase(client.descriptor);
  }

  void report(Clock::time_point begin, std::size_t total) {
    const std::chrono::duration<double> took = Clock::now() - begin;
    std::sort(latencies_ms_.begin(), latencies_ms_.end());
    const auto quantile = [&](double part) {
      if (latencies_ms_.empty()) return 0.0;
      const auto last = static_cast<double>(latencies_ms_.size() - 1);
      return latencies_ms_[static_cast<std::size_t>(part * last)];
    };
    std::printf("{\"joins_per_s\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"errors\": %zu}\n",
                static_cast<double>(total) / took.count(), quantile(0.5), quantile(0.99), errors_);
  }

  static constexpr std::size_t gone = static_cast<std::size_t>(-1);

  const std::uint16_t port_;
  const int epoll_;
  const std::string offer_ = make_offer();
  const std::string answer_ =
      R"(["returnSDP","{\"type\":\"answer\",\"sdp\":\"v=0)" + std::string(800, 'a') + "\\\"}\",";
  const std::string heartbeat_ = make_frame(1, "[\"heartbeat\"]");
  const std::string goodbye_ = make_frame(8, "\x03\xe9");
  std::unordered_map<int, std::unique_ptr<Client>> clients_;
  std::vector<double> latencies_ms_;
  std::size_t upgrading_ = 0;
  std::size_t joining_ = 0;
  std::size_t errors_ = 0;
  std::uint32_t next_address_ = 0;
};

}  // namespace

int main(int count, char** values) {
  if (count != 2) {
    std::fputs("Usage: membrane-server-load PORT < commands\n", stderr);
    return 2;
  }
  Load load(static_cast<std::uint16_t>(std::atoi(values[1])));
  for (std::string line; std::getline(std::cin, line);) {
    std::array<char, 16> name{};
    std::array<char, 16> how{};
    unsigned long first = 0;
    unsigned long second = 0;
    const int fields =
        std::sscanf(line.c_str(), "%15s %lu %lu %15s", name.data(), &first, &second, how.data());
    const std::string_view command(name.data());
    if (command == "members" && fields == 2) {
      load.members(first);
    } else if (command == "wait" && fields == 2) {
      load.wait(std::chrono::seconds(first));
    } else if (command == "join" && fields == 4) {
      load.join(first, second, std::string_view(how.data()) == "leave");
    } else {
      std::fprintf(stderr, "membrane-server-load: what is \"%s\"?\n", line.c_str());
      return 2;
    }
    std::fflush(stdout);
  }
  return 0;
}
