#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "membrane/id.h"
#include "observer.h"

namespace membrane::sim {

/// Who is there and who is linked to whom, as the judges see it: from what the nodes' own
/// applications are told, not from what nodes say of each other.
///
/// A link counts when both ends hold it up. *Connected* means a way over such links through honest
/// peers that live, are awake and are in the same part of the Internet.
class Census {
 public:
  struct Member {
    PeerId id;
    bool alive = true;
    bool awake = true;
    bool honest = true;
    std::uint32_t part = 0;  ///< of the Internet
    TimeUs added_us = 0;
    std::optional<TimeUs> joined_us;  ///< when it had its first link
    TimeUs unbroken_us = 0;           ///< since when it has been alive and awake
    std::vector<PeerIndex> links;     ///< as it holds them, ascending
  };

  void add(const PeerId& id, TimeUs now);
  void joined(PeerIndex peer, TimeUs now);
  void gone(PeerIndex peer);
  void asleep(PeerIndex peer);
  void awake(PeerIndex peer, TimeUs now);
  void turned(PeerIndex peer);  ///< to the dark side
  void moved(PeerIndex peer, std::uint32_t part);
  /// Its links, by their ends' ids; those of nobody we know are left out.
  void set_links(PeerIndex peer, const std::vector<PeerId>& links);

  std::size_t size() const { return members_.size(); }
  const Member& at(PeerIndex peer) const { return members_[peer]; }
  PeerIndex index_of(const PeerId& id) const;  ///< nobody when it is not known
  bool takes_part(PeerIndex peer) const;       ///< alive, awake and honest
  std::vector<PeerIndex> living() const;       ///< alive, whatever else
  std::vector<PeerIndex> present() const;      ///< those who take part
  bool is_linked(PeerIndex a, PeerIndex b) const;

  /// The number of each peer's network, `none` for those who do not take part. Equal numbers are
  /// connected. Valid until the next change.
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  const std::vector<std::uint32_t>& networks() const;
  /// The number of the largest network, and how many are in it.
  std::pair<std::uint32_t, std::size_t> largest() const;

 private:
  void count_networks() const;

  std::vector<Member> members_;
  std::unordered_map<Position, PeerIndex> by_place_;  // looked up, never walked
  mutable bool is_counted_ = false;
  mutable std::vector<std::uint32_t> networks_;
  mutable std::vector<std::size_t> sizes_;
};

}  // namespace membrane::sim
