#include "svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace membrane::sim {
namespace {

constexpr double size = 1000;
constexpr double radius = 470;

struct Point {
  double x = 0;
  double y = 0;
};

/// Place 0 is at the top, clockwise is clockwise.
Point point_of(const Census& census, PeerIndex peer) {
  const auto place = static_cast<double>(census.at(peer).id.position());
  const double angle = place / 18446744073709551616.0 * 2 * std::numbers::pi;
  return {size / 2 + radius * std::sin(angle), size / 2 - radius * std::cos(angle)};
}

/// From blue at the first hop to red at the last.
int hue(std::uint16_t hop, std::uint16_t hops) {
  return hops < 2 ? 220 : 220 - 220 * (hop - 1) / (hops - 1);
}

std::string text(const char* format, auto... values) {
  char out[256];
  std::snprintf(out, sizeof out, format, values...);
  return out;
}

/// A chord, bent towards the middle, so that short ones can be seen.
std::string chord(const Census& census, PeerIndex from, PeerIndex to) {
  const Point a = point_of(census, from);
  const Point b = point_of(census, to);
  const double bend = 0.85;
  const double x = size / 2 + ((a.x + b.x) / 2 - size / 2) * bend;
  const double y = size / 2 + ((a.y + b.y) / 2 - size / 2) * bend;
  return text("<path d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\"/>\n", a.x, a.y, x, y, b.x, b.y);
}

std::string links(const Census& census) {
  std::string out = "<g stroke=\"#888\" stroke-opacity=\"0.15\" stroke-width=\"0.7\">\n";
  for (PeerIndex peer = 0; peer < census.size(); ++peer) {
    if (!census.takes_part(peer)) continue;
    for (const PeerIndex other : census.at(peer).links) {
      if (other > peer && census.takes_part(other) && census.is_linked(peer, other))
        out += chord(census, peer, other);
    }
  }
  return out + "</g>\n";
}

std::string branches(const Census& census, const Tree& tree) {
  std::uint16_t hops = 0;
  for (const Tree::Branch& branch : tree.branches) hops = std::max(hops, branch.hop);
  std::string out = "<g stroke-width=\"1.2\" stroke-opacity=\"0.8\">\n";
  for (const Tree::Branch& branch : tree.branches) {
    out += text("<g stroke=\"hsl(%d,80%%,45%%)\">", hue(branch.hop, hops));
    out += chord(census, branch.from, branch.to) + "</g>\n";
  }
  return out + "</g>\n";
}

std::string peers(const Census& census) {
  std::string out = "<g fill=\"#222\">\n";
  for (PeerIndex peer = 0; peer < census.size(); ++peer) {
    if (!census.at(peer).alive) continue;
    const Point at = point_of(census, peer);
    const char* colour = census.at(peer).honest ? "#222" : "#d00";
    out +=
        text("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"><title>%u</title></circle>\n",
             at.x, at.y, colour, peer);
  }
  return out + "</g>\n";
}

}  // namespace

std::string draw(const Census& census, const Tree& tree) {
  return text(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" fill=\"none\">\n",
             size, size) +
         "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" +
         text("<circle cx=\"%.0f\" cy=\"%.0f\" r=\"%.0f\" stroke=\"#ccc\"/>\n", size / 2, size / 2,
              radius) +
         links(census) + branches(census, tree) + peers(census) + "</svg>\n";
}

}  // namespace membrane::sim
