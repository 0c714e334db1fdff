// Every bound of the first-contact server, in one place, each with its reason and with what happens
// when it is reached. The defaults serve a machine with a few GiB of memory; tests shrink them.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace membrane::server {

/// Time since an origin of the host's choice. The pure parts never read a clock: time is handed in.
using Time = std::chrono::milliseconds;

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

/// The bounds of pairing clients with each other (matchmaker.h).
struct MatchLimits {
  /// How long a nominee may think. An honest browser answers in 5-200 ms; beyond this the next one
  /// is asked.
  Time nominee_timeout{3'000};
  /// How long a request waits while everyone who could answer is busy; then it has failed.
  Time waiting_timeout{3'000};
  /// How long an answered request stays open for candidates and a report; then it is forgotten.
  Time answered_lifetime{30'000};
  /// Nominees that may be silent or answer badly before a request has failed.
  unsigned failures_max = 2;
  /// Nominees that may refuse before a request has failed: each costs a round trip, so more of
  /// them.
  unsigned refusals_max = 8;
  /// Nominees that may vanish before a request has failed: they were never bothered, so many.
  unsigned vanished_max = 64;
  /// Open tickets of one nominee: beyond it others are asked, so that nobody is buried in offers.
  unsigned tickets_per_nominee_max = 8;
  /// Open requests of one client; a further offer is refused.
  unsigned requests_per_client_max = 4;
  /// Open requests in all; a further offer fails at once.
  std::size_t requests_max = 16'384;
  /// Bytes of offers and candidates held in all; what does not fit fails at once.
  std::size_t held_bytes_max = 64 * mib;
  /// Candidates of one request in each direction; browsers send about ten. Further ones are
  /// dropped.
  unsigned candidates_max = 64;
};

/// The bounds of what one client may say (conversation.h).
struct TalkLimits {
  /// A session description in a v3 message; browsers make 1-8 KiB, a message holds 32 KiB.
  std::size_t description_bytes_max = 30 * kib;
  /// A candidate as JSON; browsers make 150-400 bytes.
  std::size_t candidate_bytes_max = 2 * kib;
  /// The name of a network, chosen by the application.
  std::size_t network_name_bytes_max = 64;
  /// Rooms of one v3 connection. They share its rates, so that they multiply nobody's share, and
  /// so many that join at once fit into the bursts below: each says hello and makes two offers with
  /// eleven candidates. Each is a client of the matchmaker, 0.5 KiB. A client that enters
  /// more is closed: it was told the number, and may open another connection.
  std::size_t rooms_per_line_max = 8;
  /// The base64 text of a v2 offer in the URL: an offer of 64 KiB fits.
  std::size_t v2_offer_bytes_max = 96 * kib;
  /// Unasked-for messages a second of one client, and how many at once. Answers that were asked for
  /// are free, since the server itself paces them. Beyond it the client is closed.
  double messages_per_second = 20;
  double messages_burst = 200;
  /// Offers and reports a second of one client, and how many at once: each makes somebody else
  /// work. Beyond it a request of v3 has failed: who is alone in many networks asks often, and
  /// means no harm. A client of v2, which has one request, is closed.
  double offers_per_second = 0.5;
  double offers_burst = 16;
  /// Malformed v2 messages before the client is closed (v3 closes at the first one).
  unsigned bad_messages_max = 8;
};

/// The bounds of sockets and their buffers (websocket_server.h, static_server.h).
struct SocketLimits {
  /// WebSocket connections in all, about 12 KiB each with the kernel's share. Beyond it a newcomer
  /// is told 503 and closed.
  std::size_t connections_max = 20'000;
  /// WebSocket connections of one address (IPv6: one /64). A school behind one address fits; behind
  /// a reverse proxy set it to connections_max. Beyond it a newcomer is told 503 and closed.
  std::size_t connections_per_address_max = 1'024;
  /// From accept to a client that has joined (upgrade, and hello in v3); slower ones are dropped.
  Time handshake_timeout{10'000};
  /// The head of an upgrade request: a v2 offer, percent-encoded, and the other fields. Then 431.
  std::size_t request_head_bytes_max = 160 * kib;
  /// A message of a client; a longer one closes the connection with 1009.
  std::size_t message_bytes_max = 32 * kib;
  /// A heartbeat goes to a client the server said nothing to for so long.
  Time heartbeat_interval{8'000};
  /// A client silent for so long is no longer nominated: it left a heartbeat unanswered.
  Time doubtful_after{12'000};
  /// A client silent for so long is dropped (as v2 did).
  Time silence_timeout{20'000};
  /// How long a connection may take to close politely.
  Time closing_timeout{2'000};
  /// Room taken by unfinished heads and messages of all clients together. Beyond it whoever holds
  /// more than 4 KiB and asks for more is told 503 or dropped.
  std::size_t incoming_total_bytes_max = 64 * mib;
  /// Bytes waiting for one slow reader: eight of the largest v2 offers. Beyond it it is closed.
  std::size_t outgoing_bytes_max = mib;
  /// Bytes waiting for all slow readers together; whoever would exceed it is closed.
  std::size_t outgoing_total_bytes_max = 64 * mib;
  /// The kernel's send buffer of one client.
  int send_buffer_bytes = 128 * 1024;
  /// The one clock all time limits are checked by.
  Time tick{100};
  /// Heartbeats sent in one tick, so that clients that came together do not stay a burst for ever;
  /// enough for connections_max in one interval.
  std::size_t heartbeats_per_tick_max = 256;
  /// Connections to the static files, and how long each may take for a request or be idle.
  std::size_t static_connections_max = 512;
  Time static_timeout{15'000};
  /// The head of a request for a static file.
  std::size_t static_head_bytes_max = 16 * kib;
};

struct Limits {
  MatchLimits match;
  TalkLimits talk;
  SocketLimits socket;
};

}  // namespace membrane::server
