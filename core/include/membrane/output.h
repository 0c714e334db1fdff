#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "membrane/bytes.h"
#include "membrane/error.h"
#include "membrane/id.h"

/// What a Node asks of its host. Each output is complete in itself and is owned by whoever took it.
namespace membrane {

/// A connection to another peer, from its first step to its end. Given by the Node, never given
/// twice.
using LinkId = std::uint64_t;
/// A crypto job that the host owes an answer to.
using JobId = std::uint64_t;
/// A request to or from the first-contact server, or a question to the application.
using RequestId = std::uint64_t;

using Key = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// The data channel that carries the protocol, and the one that carries the application's messages.
enum class Channel : std::uint8_t { control = 0, application = 1 };

/// Where a node stands in its network.
enum class State : std::uint8_t {
  joining,  ///< looking for a first link
  alone,    ///< a network of one: the server knows nobody else
  joined,   ///< at least one link
  left,     ///< leave() was called; final
};

// ---- Connections --------------------------------------------------------------------------------

/// Make a connection with both channels and an offer; feed local_description, then candidates.
struct OpenConnection {
  LinkId link;
};
/// Make a connection with both channels, apply the offer, make an answer; feed local_description,
/// then candidates.
struct AcceptOffer {
  LinkId link;
  std::string sdp;
};
struct ApplyAnswer {
  LinkId link;
  std::string sdp;
};
struct AddCandidate {
  LinkId link;
  std::string candidate;
};
/// The link's number is never used again. The reason, and the peer where one is known, are for
/// people who ask why.
struct CloseConnection {
  LinkId link;
  Error reason;
  std::optional<PeerId> peer;
};
/// Send on an open channel, ordered and reliable, at most limits::frame_size_max bytes.
struct Send {
  LinkId link;
  Channel channel;
  Bytes data;
};

// ---- First contact ------------------------------------------------------------------------------

/// Something to tell the first-contact server. `request` is ours in offer, offer_candidate, report
/// and done; it is the server's ticket in answer, answer_candidate and refuse.
struct ContactSend {
  enum class Kind : std::uint8_t {
    offer = 10,
    offer_candidate = 11,
    answer = 12,
    answer_candidate = 13,
    refuse = 14,
    report = 15,
    done = 16,
    ready = 17,
  };
  Kind kind;
  RequestId request;
  std::string text;
};

// ---- Crypto jobs: each is answered exactly once -------------------------------------------------

/// Ed25519 with our identity key; answer with signed_.
struct Sign {
  JobId job;
  Bytes data;
};
/// Ed25519; answer with verified.
struct Verify {
  JobId job;
  Key key;
  Signature signature;
  Bytes data;
};
/// HPKE base mode, single shot: enc || ciphertext; answer with sealed.
struct Seal {
  JobId job;
  Key key;
  Bytes info;
  Bytes aad;
  Bytes data;
};
/// HPKE with our sealing key; answer with opened.
struct Open {
  JobId job;
  Bytes info;
  Bytes aad;
  Bytes data;
};

// ---- Events for the application -----------------------------------------------------------------

struct StateChanged {
  State state;
};
struct PeerAdded {
  PeerId peer;
  std::string name;
};
struct PeerRemoved {
  PeerId peer;
};
struct PeerRenamed {
  PeerId peer;
  std::string name;
};
struct EdgeChanged {
  PeerId a;
  PeerId b;
  bool present;
};
struct LinkUp {
  PeerId peer;
  LinkId link;
};
struct LinkDown {
  PeerId peer;
  Error reason;
};
/// Somebody wants a link (session false; only asked for when the configuration says so) or a
/// session. Answer with Node::answer within limits::asked_timeout_ms.
struct Asked {
  RequestId request;
  PeerId peer;
  bool session;
};
/// A connect command without session is fulfilled. With a session SessionOpened says so.
struct Connected {
  PeerId peer;
};
/// One for each: when both a link and a session were asked for, one may fail and not the other.
struct ConnectFailed {
  PeerId peer;
  bool session;
  Error reason;
};
/// The two may talk. A relayed session passes through other peers, sealed end to end, because no
/// link could be made: slowly (limits::relay_pieces_per_s). It stays relayed until it ends, also
/// when a link comes up meanwhile; the next session uses that.
struct SessionOpened {
  PeerId peer;
  bool relayed;
};
struct SessionClosed {
  PeerId peer;
  Error reason;
};
/// A relayed session in which session_write said busy has room again.
struct SessionWritable {
  PeerId peer;
};
/// A find command has reached its peer, which has proved that it is there; over so many hops.
struct Found {
  PeerId peer;
  unsigned hops;
};
struct FindFailed {
  PeerId peer;
  Error reason;
};
/// A topic message, each exactly once; our own as well.
struct TopicMessage {
  std::string topic;
  PeerId origin;
  std::uint64_t sequence;
  Bytes payload;
};
/// A value of a topic, our own as well: set, replaced (`present`), or taken back, over, or given up
/// because there is no room (not `present`; the value is empty then).
struct StateValue {
  std::string topic;
  std::string key;
  PeerId origin;
  std::uint64_t sequence;
  Bytes value;
  bool present;
};
/// A piece of an application message.
struct SessionPiece {
  enum Flag : std::uint8_t { first = 1, text = 2, last = 4, cancelled = 8 };
  PeerId peer;
  std::uint64_t message;  ///< counted from 0 in each session, by its sender
  std::uint8_t flags;
  std::uint64_t total;  ///< the whole message's bytes; 0 when its sender did not know
  Bytes data;
};

using Output = std::variant<OpenConnection, AcceptOffer, ApplyAnswer, AddCandidate, CloseConnection,
                            Send, ContactSend, Sign, Verify, Seal, Open, StateChanged, PeerAdded,
                            PeerRemoved, PeerRenamed, EdgeChanged, LinkUp, LinkDown, Asked,
                            Connected, ConnectFailed, SessionOpened, SessionClosed, SessionWritable,
                            TopicMessage, StateValue, SessionPiece, Found, FindFailed>;

}  // namespace membrane
