#pragma once

#include "callback.h"
#include "router.h"
#include "signalling.h"

namespace membrane {

/// Carries sealed signals from any peer to any other. What is sealed, only the two know; what
/// comes back as undeliverable, anybody on the way may have sent back.
class Envelopes {
 public:
  Envelopes(Context& context, Links& links, Router& router)
      : context_(context), links_(links), router_(router) {}

  struct Hooks {
    /// `trail` leads back to its sender.
    Callback<void(const PeerId& from, Signal&&, std::uint64_t trail)> signal;
    Callback<void(const PeerId& target, std::uint64_t trail)> failed;
  };
  Hooks hooks;

  /// The way that an envelope takes.
  struct Way {
    /// Along this trail, when it is still there. 0: a new one, by another first step than the last.
    std::uint64_t trail = 0;
    bool back = false;  ///< the trail was left by the other side
  };

  /// Signs, seals and sends. `done` is called once with the trail it took, or with unreachable when
  /// there is no way.
  using Done = Callback<void(Error, std::uint64_t trail)>;
  void send(const PeerId& to, const Key& sealing_key, const Signal& signal, const Way& way,
            Done done);
  void receive(Link& link, Envelope&& envelope);

 private:
  void transmit(Envelope&& envelope, const Way& way, Done done);
  void deliver(const Envelope& envelope);
  void verify(const PeerId& from, std::uint64_t trail, ByteView opened);

  Context& context_;
  Links& links_;
  Router& router_;
};

}  // namespace membrane
