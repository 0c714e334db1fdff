#pragma once

#include <vector>

#include "broadcast.h"
#include "callback.h"
#include "router.h"

namespace membrane {

/// Looks peers up by asking the network: who lives at a place on the ring, or nearest to it. The
/// answer brings records, so that one can connect; a peer that was sought itself proves with a
/// signature over the question that it is there. A question that is not answered in time is asked
/// again over another way, limits::seek_tries times.
class Seeker {
 public:
  Seeker(Context& context, Links& links, Map& map, Router& router, Broadcast& broadcast)
      : context_(context), links_(links), map_(map), router_(router), broadcast_(broadcast) {}

  /// How a search ends; `hops` that it took. Error: unreachable.
  using Done = Callback<void(Error error, unsigned hops)>;

  /// Looks for this very peer. Errors: invalid_argument (ourselves), busy (limits::seeks_max).
  Error find(const PeerId& peer, Done done);
  /// Looks for whoever lives at this place, who must prove it. Error: busy.
  Error find(Position place, Done done);
  /// Brings the records of those who live next to a place; when it is done the map has them or
  /// verifies them. Error: busy.
  Error explore(Position place, Done done);

  void receive(Link& link, Seek&& seek);
  void receive(Link& link, SeekAnswer&& answer);
  /// A record has come in: whoever was found may be complete.
  void record_accepted();

  std::size_t size() const { return searches_.size(); }
  void tick();
  TimeMs next_timeout() const;

 private:
  struct Search {
    std::optional<PeerId> peer;  ///< when it is for one, or has found one
    Position place = 0;
    bool nearest = false;
    std::uint64_t number = 0;
    /// Of the questions asked so far: an answer to an earlier one may be late.
    std::vector<std::uint64_t> trails;
    TimeMs due = 0;
    TimeMs patience_ms = 0;
    bool found = false;  ///< it has proved to be there; its record may still be on its way
    std::uint8_t hops = 0;
    Done done;
  };

  void add(Search&& search);
  void ask(Search& search);
  void answer(Link& link, const Seek& seek);
  void send_answer(LinkId link, const SeekAnswer& answer);
  void proved(std::uint64_t number, std::uint8_t hops);
  void finish(std::uint64_t number, Error error);
  Search* at(std::uint64_t number);
  Bytes to_sign(Position asker, const PeerId& peer, std::uint64_t trail) const;

  Context& context_;
  Links& links_;
  Map& map_;
  Router& router_;
  Broadcast& broadcast_;
  std::uint64_t last_number_ = 0;
  std::vector<Search> searches_;
};

}  // namespace membrane
