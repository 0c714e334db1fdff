#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "membrane/output.h"
#include "observer.h"

/// What the simulated browser says of a connection: session descriptions and candidates of the size
/// and shape that real ones have.
namespace membrane::sim {

/// The two sides of which host and link a description is about.
struct End {
  PeerIndex peer = nobody;
  LinkId link = 0;
  friend bool operator==(const End&, const End&) = default;
};

/// The session description of one end. Its fingerprint is this end's own, as each connection has a
/// certificate of its own.
std::string describe(const End& end);
/// Whose description it is; nothing when it does not begin, letter by letter, with what that end
/// said of itself: then the fingerprints do not match and no connection can come of it. Attributes
/// behind that, which a browser does not know, are skipped.
std::optional<End> read_description(std::string_view sdp);

/// The address in the host's own network, and the one that the rest of the world sees.
std::string local_candidate(const End& end);
std::string public_candidate(const End& end);
/// Whether somebody far away can use it.
bool is_public(std::string_view candidate);

}  // namespace membrane::sim
