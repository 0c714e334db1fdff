#pragma once

#include <vector>

#include "verdict.h"

namespace membrane::sim {

/// No peer opens connections faster than its budget: the ring's (limits::ring_open_*), first
/// contact's (limits::contact_seek_*) and what its application asks for. A bucket for each peer
/// fills at the pace of both and holds both bursts; each connect of the application adds two, for
/// an attempt that crossed another may be made anew.
class CheckBudget {
 public:
  explicit CheckBudget(Verdict& verdict) : verdict_(verdict) {}

  void asked(PeerIndex peer);  ///< by its application, for a connection
  void offers(PeerIndex peer, TimeUs now);

 private:
  struct Bucket {
    double level = full();
    TimeUs at = 0;
  };
  static double full();
  Bucket& bucket(PeerIndex peer);

  Verdict& verdict_;
  std::vector<Bucket> buckets_;
};

}  // namespace membrane::sim
