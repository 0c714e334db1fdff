#pragma once

#include <array>
#include <vector>

#include "links.h"
#include "map.h"
#include "message.h"

namespace membrane {

/// Chooses the link on which a message goes on to a place on the ring.
///
/// With a whole map that is a shortest route, if it has no more hops than the message has left: the
/// first who has a map gives it a few more than it needs, each step takes one. So it cannot circle
/// where maps differ. Else it is the neighbour that is, or that has a neighbour who is, strictly
/// nearer to the goal than anything promised so far (greedy over neighbours' neighbours; G. Manku,
/// M. Naor, U. Wieder, 2004). A neighbour's neighbour must beat every neighbour, else messages
/// would circle.
///
/// Every message names a trail. Who passes it on remembers where it came from and where it went
/// (the latest limits::trails_max): an answer goes back the way its question came; a message that
/// comes to a dead end is returned, and each peer on the way back tries one other way; one that
/// comes round again, by another way or with fewer hops left, is returned too, so that nothing
/// circles.
///
/// A second message to the same goal within limits::tried_ms takes another first step than those
/// before: whoever lost the first is not asked again.
class Router {
 public:
  Router(Context& context, Links& links, Map& map) : context_(context), links_(links), map_(map) {}

  /// The first step of a message of ours along a new trail. `nearest`: it is to whoever lives next
  /// to that place, not to who lives there. Nothing when there is no way.
  Link* start(Position to, bool nearest, Course& course);
  /// The next step along a trail of ours that is still there, else like start.
  Link* follow(Position to, Course& course);
  /// The first step back along a trail that somebody else left.
  Link* go_back(Position to, Course& course);

  /// The next step of a message that came in on a link; `from` is its sender. Nothing when it ends
  /// here: our own that was returned (course.returned), or one too far gone, counted.
  Link* pass_on(const Link& link, Position from, Position to, bool nearest, Course& course);
  /// The next step of an answer that came in on a link, back along the trail of its question.
  /// Nothing when that is not there any more, or does not lead there.
  Link* way_back(const Link& link, Position to, std::uint64_t trail);
  /// Remembers the trail of a message that ends with us, so that the answer finds back.
  void arrived(const Link& link, Position from, const Course& course);

  /// An answer came: the ways that were tried are not held against anybody.
  void worked(Position to);

  std::size_t size() const { return trails_.size(); }

 private:
  struct Trail {
    Position from = 0;
    std::uint64_t name = 0;
    LinkId in = 0;   ///< where it came from; 0 when it is ours
    LinkId out = 0;  ///< where it went
    Position closest = 0;
    TimeMs since = 0;
    std::uint8_t hops_left = 0;  ///< of the message that has come the shortest way
    bool by_map = false;
    bool second_try = false;
  };

  /// Which links are out of the question.
  struct Avoid {
    std::array<LinkId, 2> links{};
    Position from = 0;
    bool nearest = false;
    const std::vector<LinkId>* tried = nullptr;
    bool operator()(LinkId link) const;
  };

  struct Tried {
    Position to = 0;
    TimeMs until = 0;
    std::vector<LinkId> links;
  };

  Trail* find(Position from, std::uint64_t name);
  void remember(Trail trail);
  void forget_old();
  Link* anybody(const Avoid& avoid);
  Link* choose(Position to, const Avoid& avoid, Course& course);
  Link* shortest(Position to, const Avoid& avoid, Course& course);
  Link* greedy(Position to, const Avoid& avoid, Course& course);
  Link* try_again(const Link& link, Trail& trail, Position to, bool nearest, Course& course);
  Tried& tried(Position to);

  Context& context_;
  Links& links_;
  Map& map_;
  std::vector<Trail> trails_;
  std::size_t oldest_ = 0;
  TimeMs forget_at_ = 0;
  std::vector<Tried> tried_;
};

}  // namespace membrane
