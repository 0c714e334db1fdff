#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "membrane/error.h"
#include "membrane/id.h"
#include "membrane/output.h"

/// The messages on a link's control channel, docs/protocol.md "Control messages". Each starts with
/// its type; a type this version does not know is skipped, and so is whatever follows the fields it
/// knows.
namespace membrane {

/// A stretch of the ring from `first` clockwise to `last`, both in it. It cannot be empty.
struct Arc {
  Position first = 0;
  Position last = 0;
  friend bool operator==(const Arc&, const Arc&) = default;
};

enum Capability : std::uint64_t {
  knows_neighbours_only = 1,  ///< the network is too large for whole maps, or was
  could_know_everybody = 2,   ///< it is not any more, as far as it can tell
};

/// Says who one is and starts the proof.
struct Hello {
  std::uint64_t version = 0;
  std::uint64_t capabilities = 0;  ///< of `Capability`
  std::string network;
  PeerId id;
  Key nonce{};
  /// Set by a node that knows nothing yet: it wants to be told what lies behind it (Floors).
  bool fresh = false;
  /// The offerer's number for this link, higher than any before it; 0 from the answerer. Of two
  /// links of one offerer both ends keep the one with the higher number.
  std::uint64_t attempt = 0;
};

/// The signature over both hellos and both DTLS fingerprints.
struct Proof {
  Signature signature{};
};

struct Goodbye {
  Error reason = Error::goodbye;
};

struct Ping {
  std::uint64_t token = 0;
};
struct Pong {
  std::uint64_t token = 0;
};

/// A statement on its way to everybody on an arc.
struct Spread {
  Arc arc;
  std::uint8_t hops_left = 0;
  Bytes statement;
};
/// The receiver of a Spread answers for its arc from here on.
struct SpreadAck {
  Arc arc;
  Position origin = 0;
  std::uint64_t sequence = 0;
};

/// A statement for the receiver alone, in answer to a Summary or Want.
struct Push {
  Bytes statement;
  std::uint64_t age_ms = 0;  ///< how long ago it was said, as far as the sender knows
};

/// The sets that are reconciled.
enum class Store : std::uint8_t { records = 0, messages = 1, states = 2 };

/// A statement's name in reconciliation.
struct Item {
  Position origin = 0;
  std::uint64_t sequence = 0;
  friend auto operator<=>(const Item&, const Item&) = default;
};

/// What the sender has of one arc: all items by name, or their number and fingerprint.
struct SummaryRange {
  Arc arc;
  std::uint64_t count = 0;
  std::uint64_t fingerprint = 0;
  std::optional<std::vector<Item>> items;
};

struct Summary {
  Store store = Store::records;
  std::vector<SummaryRange> ranges;
};

/// Items of the sender's that the receiver's summary did not list: it asks for those it lacks.
struct Have {
  Store store = Store::records;
  std::vector<Item> items;
};

struct Want {
  Store store = Store::records;
  std::vector<Item> items;
};

/// To a fresh node: statements of these origins up to these sequences were said before it came.
struct Floors {
  std::vector<Item> items;
};

/// What routing reads and writes of a message that passes from peer to peer to one of them.
struct Course {
  std::uint8_t hops_left = 0;
  bool returned = false;  ///< came to a dead end and goes back along its trail
  bool back = false;      ///< goes to whoever left the trail
  bool by_map = false;    ///< `closest` counts hops
  /// How near to its goal it has been promised to come, on the ring or in hops.
  Position closest = ~Position{0};
  /// Named by its first sender: the way it takes is remembered under this name for a while.
  std::uint64_t trail = 0;
};

/// A sealed signal on its way from one peer to another.
struct Envelope {
  PeerId to;
  PeerId from;
  Course course;
  Bytes sealed;
};

/// Looks for whoever is at a place on the ring, or nearest to it.
struct Seek {
  Position to = 0;
  Position from = 0;
  bool nearest = false;
  Course course;
};

/// Goes back along the trail of a Seek.
struct SeekAnswer {
  Position to = 0;
  std::uint64_t trail = 0;
  std::uint8_t hops = 0;  ///< that the seek took
  /// By the peer that answers, over what was asked, so that nobody answers for another; empty from
  /// one that is only nearest.
  std::optional<Signature> proof;
  /// The answering peer's record first, then those of its neighbours nearest to the place.
  std::vector<Bytes> records;
};

struct SessionAsk {};
struct SessionAccept {};
struct SessionRefuse {};
struct SessionEnd {
  Error reason = Error::closed;
  std::uint64_t pieces = 0;  ///< that its sender wrote in this session
};

using Message = std::variant<Hello, Proof, Goodbye, Ping, Pong, Spread, SpreadAck, Push, Summary,
                             Want, Floors, Envelope, Seek, SessionAsk, SessionAccept, SessionRefuse,
                             SessionEnd, SeekAnswer, Have>;

/// Items in one Summary range, Want or Floors, so that each stays within a frame.
inline constexpr std::size_t summary_items_max = 32;
inline constexpr std::size_t summary_ranges_max = 64;
inline constexpr std::size_t want_items_max = 512;
/// Records in one SeekAnswer: whoever answers, and its two neighbours on each side of the place.
inline constexpr std::size_t seek_records_max = 5;

/// The frame of one message; each type of Message has one.
template <typename T>
Bytes encode_message(const T& message);

/// Errors: malformed. Nothing when the type is not known.
Result<std::optional<Message>> decode_message(ByteView bytes);

/// The type of the frame that carries a part of a longer message: framing, done by Links.
inline constexpr std::uint64_t fragment_type = 0;

}  // namespace membrane
