#include "router.h"

#include <algorithm>

namespace membrane {
namespace {

/// Hops beyond those of its shortest route that a message may take, where those on the way see
/// other routes. Derived: with two nobody is passed twice, since a circle has three at least.
constexpr std::uint64_t spare_hops = 2;

}  // namespace

bool Router::Avoid::operator()(LinkId link) const {
  if (std::find(links.begin(), links.end(), link) != links.end()) return true;
  return tried && std::find(tried->begin(), tried->end(), link) != tried->end();
}

// ---- Trails -------------------------------------------------------------------------------------

Router::Trail* Router::find(Position from, std::uint64_t name) {
  for (Trail& trail : trails_) {
    if (trail.name == name && trail.from == from) return &trail;
  }
  return nullptr;
}

/// Forgets what nobody answers any more, and gives its room back: after a storm there is little.
void Router::forget_old() {
  if (context_.now < forget_at_) return;
  forget_at_ = context_.now + limits::trail_kept_ms / 2;
  std::rotate(trails_.begin(), trails_.begin() + static_cast<std::ptrdiff_t>(oldest_),
              trails_.end());
  oldest_ = 0;
  std::erase_if(trails_, [this](const Trail& trail) {
    return trail.since + limits::trail_kept_ms <= context_.now;
  });
  if (trails_.capacity() > 2 * trails_.size()) trails_ = std::vector<Trail>(trails_);
}

void Router::remember(Trail trail) {
  forget_old();
  trail.since = context_.now;
  if (Trail* known = find(trail.from, trail.name)) {
    *known = trail;
  } else if (trails_.size() < limits::trails_max) {
    trails_.push_back(trail);
  } else {
    trails_[oldest_] = trail;
    oldest_ = (oldest_ + 1) % limits::trails_max;
  }
}

void Router::arrived(const Link& link, Position from, const Course& course) {
  if (!find(from, course.trail))
    remember({.from = from, .name = course.trail, .in = link.id, .second_try = true});
}

// ---- Our own ------------------------------------------------------------------------------------

Router::Tried& Router::tried(Position to) {
  std::erase_if(tried_, [this](const Tried& entry) { return entry.until <= context_.now; });
  for (Tried& entry : tried_) {
    if (entry.to == to) return entry;
  }
  if (tried_.size() >= limits::tried_max) tried_.erase(tried_.begin());
  tried_.push_back({to, 0, {}});
  return tried_.back();
}

void Router::worked(Position to) {
  std::erase_if(tried_, [to](const Tried& entry) { return entry.to == to; });
}

Link* Router::start(Position to, bool nearest, Course& course) {
  course = {.hops_left = limits::hops_max, .trail = context_.random.u64()};
  Tried& before = tried(to);
  before.until = context_.now + limits::tried_ms;
  const Avoid avoid{.from = context_.self, .nearest = nearest, .tried = &before.links};
  const auto first_step = [&] {
    return to == context_.self ? anybody(avoid) : choose(to, avoid, course);
  };
  Link* way = first_step();
  if (!way && !before.links.empty()) {
    before.links.clear();  // all have been tried: from the beginning
    way = first_step();
  }
  if (!way) return nullptr;
  before.links.push_back(way->id);
  remember({.from = context_.self, .name = course.trail, .out = way->id, .closest = ~Position{0}});
  return way;
}

/// Whoever asks others about its own place begins with somebody by chance.
Link* Router::anybody(const Avoid& avoid) {
  std::vector<LinkId> usable;
  for (const auto& [position, id] : links_.up()) {
    if (!avoid(id) && links_.find(id)->is_usable()) usable.push_back(id);
  }
  return usable.empty()
             ? nullptr
             : links_.find(usable[static_cast<std::size_t>(context_.random.below(usable.size()))]);
}

Link* Router::follow(Position to, Course& course) {
  const std::uint64_t name = course.trail;
  const Trail* trail = find(context_.self, name);
  Link* way = trail ? links_.find(trail->out) : nullptr;
  if (!way) return start(to, false, course);
  course = {.hops_left = limits::hops_max, .trail = name};
  return way;
}

Link* Router::go_back(Position to, Course& course) {
  const std::uint64_t name = course.trail;
  const Trail* trail = find(to, name);
  Link* way = trail ? links_.find(trail->in) : nullptr;
  if (!way) return start(to, false, course);
  course = {.hops_left = limits::hops_max, .back = true, .trail = name};
  return way;
}

// ---- Others' ------------------------------------------------------------------------------------

Link* Router::pass_on(const Link& link, Position from, Position to, bool nearest, Course& course) {
  if (course.hops_left <= 1) {
    context_.reject(Error::too_far);
    return nullptr;
  }
  course.hops_left = static_cast<std::uint8_t>(std::min(course.hops_left, limits::hops_max) - 1);
  if (course.back) {
    if (Link* way = way_back(link, to, course.trail)) return way;
    course.back = false;  // the trail is lost: like any other message from here on
  }
  Trail* known = find(from, course.trail);
  if (course.returned) {
    if (known && known->out == link.id) return try_again(link, *known, to, nearest, course);
    context_.reject(Error::unknown_request);
    course.returned = false;
    return nullptr;
  }
  const bool circles = known && (known->in != link.id || course.hops_left < known->hops_left);
  if (known && !circles) {
    // Another message of the same trail takes the same way.
    known->hops_left = course.hops_left;
    if (Link* way = links_.find(known->out)) return way;
  }
  const Course before = course;
  Link* way = circles ? nullptr
                      : choose(to, {.links = {link.id}, .from = from, .nearest = nearest}, course);
  if (!circles)
    remember({.from = from,
              .name = course.trail,
              .in = link.id,
              .out = way ? way->id : 0,
              .closest = before.closest,
              .hops_left = course.hops_left,
              .by_map = before.by_map,
              .second_try = false});
  if (way) return way;
  course.returned = true;
  return links_.find(link.id);
}

Link* Router::way_back(const Link& link, Position to, std::uint64_t name) {
  const Trail* trail = find(to, name);
  return trail && trail->out == link.id ? links_.find(trail->in) : nullptr;
}

Link* Router::try_again(const Link& link, Trail& trail, Position to, bool nearest, Course& course) {
  const Avoid avoid{.links = {link.id, trail.in}, .from = trail.from, .nearest = nearest};
  course.by_map = trail.by_map;
  course.closest = trail.closest;
  if (!std::exchange(trail.second_try, true)) {
    if (Link* way = choose(to, avoid, course)) {
      course.returned = false;
      trail.out = way->id;
      return way;
    }
  }
  trail.out = 0;
  return links_.find(trail.in);
}

// ---- The choice ---------------------------------------------------------------------------------

Link* Router::choose(Position to, const Avoid& avoid, Course& course) {
  if (!avoid.nearest) {
    if (Link* direct = links_.to(to)) return avoid(direct->id) ? nullptr : direct;
    if (Link* way = shortest(to, avoid, course)) return way;
    if (course.by_map && map_.is_whole()) return nullptr;  // others may know a shorter one
  }
  if (std::exchange(course.by_map, false)) course.closest = ~Position{0};
  return greedy(to, avoid, course);
}

Link* Router::shortest(Position to, const Avoid& avoid, Course& course) {
  if (!map_.is_whole()) return nullptr;
  auto route = map_.route(to);
  if (!route) return nullptr;
  const auto is_open = [&](const Link* link) {
    return link && !avoid(link->id) && link->is_usable();
  };
  if (!is_open(links_.to(route->first))) {
    std::vector<Position> others;
    for (const auto& [position, id] : links_.up()) {
      if (is_open(links_.find(id))) others.push_back(position);
    }
    route = map_.route_over(to, others);
    if (!route) return nullptr;
  }
  const std::uint64_t hops_left = course.by_map ? course.closest : route->hops + spare_hops;
  if (route->hops > hops_left) return nullptr;
  course.by_map = true;
  course.closest = hops_left - 1;
  return links_.to(route->first);
}

Link* Router::greedy(Position to, const Avoid& avoid, Course& course) {
  // Our own may begin with a step away: whoever has just come has its ring neighbours behind
  // others.
  const bool is_ours = avoid.from == context_.self;
  const Position own = is_ours ? ~Position{0} : ring_distance(context_.self, to);
  // Whoever was chosen for the sake of a neighbour may have to step back before it goes forward.
  const bool is_stepping_stone = own > course.closest;
  const Position bound = std::min(own, course.closest);
  Position nearest = ~Position{0};
  Position nearest_beyond = ~Position{0};
  LinkId way = 0;
  LinkId way_beyond = 0;
  for (const auto& [position, id] : links_.up()) {
    if (avoid(id) || position == avoid.from || !links_.find(id)->is_usable()) continue;
    if (const Position distance = ring_distance(position, to); distance < nearest) {
      nearest = distance;
      way = id;
    }
    for (const Position beyond : map_.links_of(position)) {
      const Position distance = ring_distance(beyond, to);
      if (distance >= nearest_beyond || beyond == avoid.from || beyond == context_.self) continue;
      nearest_beyond = distance;
      way_beyond = id;
    }
  }
  if (nearest_beyond < bound && nearest_beyond < nearest) {
    course.closest = nearest_beyond;
    return links_.find(way_beyond);
  }
  if (way == 0 || (is_stepping_stone ? nearest > course.closest : nearest >= own)) return nullptr;
  course.closest = nearest;
  return links_.find(way);
}

}  // namespace membrane
