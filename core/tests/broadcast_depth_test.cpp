// How deep a broadcast goes over the links that peers draw: the rules for drawing links and for
// cutting arcs together, on a network that is drawn at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include "arc.h"
#include "random.h"
#include "ring.h"

namespace membrane::test {
namespace {

constexpr std::size_t size = 2'000;
constexpr std::size_t candidates = 5;

/// Draws a place for a long link of somebody who has these links.
using DrawPlace = Position (*)(const std::vector<Position>& links, Position self, Random& random);
/// How well it suits somebody who has these links to get one to `place`.
using Suits = unsigned (*)(const std::vector<Position>& links, Position self, Position place);

Position in_the_widest_stretch(const std::vector<Position>& links, Position self, Random& random) {
  return draw_long_place(size, links, self, random);
}

unsigned has_most_room(const std::vector<Position>& links, Position self, Position place) {
  return room_between(size, links, self, place);
}

/// As J. Kleinberg's model has it: each link by itself, in any octave.
Position by_chance(const std::vector<Position>&, Position self, Random& random) {
  const Position octave = Position{1} << (54 + random.below(9));
  const Position distance = octave + random.below(octave);
  return random.below(2) == 0 ? self + distance : self - distance;
}

unsigned has_fewest_links(const std::vector<Position>& links, Position, Position) {
  return static_cast<unsigned>(64 - links.size());
}

class DrawnNetwork {
 public:
  DrawnNetwork(DrawPlace draw, Suits suits) {
    while (ring_.size() < size) ring_.push_back(random_.u64());
    std::sort(ring_.begin(), ring_.end());
    for (const Position peer : ring_) {
      for (const Position other : ring_neighbours(ring_, peer)) link(peer, other);
    }
    for (int round = 0; round < 40; ++round) {
      for (std::size_t turn = 0; turn < size; ++turn) {
        const Position peer = ring_[random_.below(size)];
        if (links_[peer].size() >= links_to_open_up_to(size)) continue;
        open_near(draw(links_[peer], peer, random_), peer, suits);
      }
    }
  }

  /// How many hops it takes to each peer; fails when one is not reached once.
  std::map<Position, unsigned> spread_from(Position origin) {
    std::map<Position, unsigned> hops{{origin, 0}};
    std::deque<std::pair<Position, Arc>> tasks{{origin, all_but(origin)}};
    for (; !tasks.empty(); tasks.pop_front()) {
      const auto [peer, task] = tasks.front();
      for (const Arc& arc : without(task, peer)) {
        std::vector<Position> neighbours = links_[peer];
        std::erase(neighbours, origin);
        for (const auto& [next, part] : split(
                 arc, neighbours, [this](Position other) -> const auto& { return links_[other]; },
                 4 * (~Position{0} / size))) {
          EXPECT_TRUE(hops.emplace(next, hops[peer] + 1).second) << next;
          tasks.emplace_back(next, part);
        }
      }
    }
    EXPECT_EQ(hops.size(), size);
    return hops;
  }

  /// The mean over some origins of the mean and of the most hops.
  std::pair<double, double> depth() {
    constexpr int origins = 50;
    double mean = 0;
    double most = 0;
    for (int i = 0; i < origins; ++i) {
      unsigned deepest = 0;
      for (const auto& [peer, hops] : spread_from(ring_[random_.below(size)])) {
        mean += static_cast<double>(hops) / size / origins;
        deepest = std::max(deepest, hops);
      }
      most += static_cast<double>(deepest) / origins;
    }
    return {mean, most};
  }

  double links_mean() {
    std::size_t sum = 0;
    for (const auto& [peer, links] : links_) sum += links.size();
    return static_cast<double>(sum) / size;
  }

 private:
  void link(Position a, Position b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      std::vector<Position>& links = links_[from];
      const auto at = std::lower_bound(links.begin(), links.end(), to);
      if (at == links.end() || *at != to) links.insert(at, to);
    }
  }

  void open_near(Position place, Position peer, Suits suits) {
    std::pair<unsigned, Position> best{0, peer};
    for (const Position other : nearest_places(ring_, place, candidates)) {
      const std::vector<Position>& theirs = links_[other];
      if (other == peer || theirs.size() > target_degree(size) ||
          std::binary_search(theirs.begin(), theirs.end(), peer))
        continue;
      best = std::max(best, {suits(theirs, other, peer), other});
    }
    if (best.second != peer) link(peer, best.second);
  }

  Random random_{Key{}};
  std::vector<Position> ring_;
  std::map<Position, std::vector<Position>> links_;
};

TEST(BroadcastDepth, LinksEvenlyOverAllScalesReachEverybodyInFewerHopsThanThoseByChance) {
  DrawnNetwork even(in_the_widest_stretch, has_most_room);
  DrawnNetwork chance(by_chance, has_fewest_links);
  EXPECT_LE(even.links_mean(), target_degree(size));
  const auto [mean, most] = even.depth();
  const auto [mean_by_chance, most_by_chance] = chance.depth();
  std::printf(
      "%.2f links: %.2f hops on average, %.1f at most; by chance %.2f links, %.2f and %.1f\n",
      even.links_mean(), mean, most, chance.links_mean(), mean_by_chance, most_by_chance);
  EXPECT_LT(mean, 0.95 * mean_by_chance);
  EXPECT_LT(most, 0.95 * most_by_chance);
}

}  // namespace
}  // namespace membrane::test
