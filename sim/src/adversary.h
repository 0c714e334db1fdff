#pragma once

#include <cstdint>
#include <memory>

#include "world.h"

namespace membrane::sim {

/// Peers that turned against the others. Each keeps its identity, its links and its own node, which
/// knows nothing of it; what the host sends is another matter.

/// A liar is one of three, drawn from the seed. A *dropper* acknowledges what it should pass on and
/// drops it: statements of others, pushes, routed messages and their answers. A *misrouter* sends
/// routed messages to neighbours drawn at random. A *forger* changes the statements and routed
/// messages of others, plays back what it heard long ago, and signs records that name links which
/// it does not have.
///
/// To be set as the peer's Tamper; it must live as long as the peer.
std::unique_ptr<Tamper> make_liar(World& world, PeerIndex peer, std::uint64_t seed);

/// A flooder sends `per_s` messages a second to its neighbours, in turns, by rules of its own: new
/// topic messages to all with its true signature, new records, questions that are dear to answer,
/// and bytes that mean nothing.
std::unique_ptr<Tamper> make_flooder(World& world, PeerIndex peer, double per_s,
                                     std::uint64_t seed);

}  // namespace membrane::sim
