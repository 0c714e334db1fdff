#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "wire.h"
#include "world.h"

namespace membrane::sim {

/// Notes what the tests ask about.
struct Recorder : Observer {
  struct Seen {
    PeerIndex peer;
    TimeMs at;
    Output event;
  };

  explicit Recorder(World& watched) : world(watched) { world.set_observer(this); }
  ~Recorder() override { world.set_observer(nullptr); }

  void on_event(PeerIndex peer, const Output& event) override {
    events.push_back({peer, world.now(), event});
    take(event.index() << 32 | peer);
  }
  void on_frame(PeerIndex from, PeerIndex to, Channel channel, ByteView frame) override {
    ++frames;
    take(static_cast<std::uint64_t>(from) << 32 | to);
    take(static_cast<std::uint64_t>(channel) << 32 | frame.size());
    for (const std::uint8_t byte : frame) digest = (digest ^ byte) * 0x100000001b3ull;
  }
  void on_opened(PeerIndex peer, PeerIndex other) override { opened[{peer, other}] = world.now(); }

  void take(std::uint64_t value) { digest = mix(digest ^ world.now_us(), value); }

  template <typename T>
  std::vector<std::pair<TimeMs, T>> seen(PeerIndex peer) const {
    std::vector<std::pair<TimeMs, T>> out;
    for (const Seen& entry : events) {
      const T* event = std::get_if<T>(&entry.event);
      if (entry.peer == peer && event) out.emplace_back(entry.at, *event);
    }
    return out;
  }

  World& world;
  std::vector<Seen> events;
  std::map<std::pair<PeerIndex, PeerIndex>, TimeMs> opened;
  std::uint64_t frames = 0;
  std::uint64_t digest = 1;
};

inline std::vector<PeerIndex> add_many(World& world, std::size_t count, TimeMs apart_ms = 300) {
  std::vector<PeerIndex> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(world.add());
    world.run_for_ms(apart_ms);
  }
  return out;
}

/// An application frame that no session takes; the transport does not care.
inline Bytes probe(std::uint8_t number) { return {number}; }

}  // namespace membrane::sim
