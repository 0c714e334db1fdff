#include "attacks.h"
#include "signalling.h"

/// Attacks on the tables: entries that somebody invents must not leave the honest without room.
namespace membrane::test {
namespace {

using Index = Network::Index;

TEST_F(Attack, FloorsOfInventedOriginsLeaveRoomForRealOnes) {
  gather(6);
  std::vector<Bytes> forged;
  std::uint32_t number = 0;
  for (std::size_t filled = 0; filled < 2 * limits::origins_max; filled += 500) {
    Floors floors;
    for (int i = 0; i < 500; ++i)
      floors.items.push_back({invented(++number).position(), network.now()});
    std::sort(floors.items.begin(), floors.items.end());
    forged.push_back(encode_message(floors));
  }
  const Index late = network.size();
  bool done = false;
  network.tamper_frame = [&](Index from, Index to, Channel channel, Bytes& data) {
    // The first that a newcomer is told on its proved link are floors or records.
    if (to == late && !done && message_in<Push>(channel, data)) {
      done = true;
      for (const Bytes& floors : forged) network.inject(from, late, floors);
    }
    return true;
  };
  network.add("late");
  network.run_for(5'000);
  EXPECT_TRUE(done);
  expect_unmoved();
}

TEST_F(Attack, AnEnvelopeToItsOwnSenderIsReturnedOnce) {
  gather();
  const Index target = neighbours_of(liar).front();
  const PeerId id = network.id(liar);
  std::size_t thrown = 0;
  network.tamper_frame = [&](Index, Index to, Channel channel, Bytes& data) {
    if (to == liar && message_in<Envelope>(channel, data)) ++thrown;
    return true;
  };
  network.inject(liar, target,
                 encode_message(Envelope{id, id, {.hops_left = limits::hops_max}, Bytes(10)}));
  network.run_for(1'000);
  EXPECT_EQ(thrown, 1u);
  expect_unmoved();
}

TEST_F(Attack, OnePeersOffersTakeOnePlaceAmongTheQuestions) {
  gather();
  const Index target = neighbours_of(liar).front();
  network.on_asked = [](Index, const Asked&) { return std::nullopt; };
  const PeerId asker = invented(1);
  for (std::uint64_t i = 0; i < 2 * limits::asked_max; ++i) {
    Signal offer;
    offer.attempt = network.now() + i;
    offer.session = true;
    offer.sdp = make_sdp(liar, 999, 7);
    const Bytes body = encode_signal(offer);
    const PeerId to = network.id(target);
    const Signature signature = fake_sign(asker, signal_to_sign("test", asker, to, body));
    Bytes plain(signature.begin(), signature.end());
    plain.insert(plain.end(), body.begin(), body.end());
    network.inject(
        liar, target,
        encode_message(Envelope{to,
                                asker,
                                {.hops_left = limits::hops_max},
                                fake_seal(network.config(target).sealing_key, signal_info("test"),
                                          signal_aad(asker, to), plain)}));
  }
  network.run_for(1'000);
  EXPECT_EQ(network.seen<Asked>(target).size(), 1u);
  network.on_asked = nullptr;
  const Index friendly = somebody_not_linked_to(target);
  network.feed(friendly, [&](Node& n, TimeMs now) { n.connect(now, network.id(target), true); });
  network.run_for(1'000);
  EXPECT_EQ(network.seen<SessionOpened>(friendly).size(), 1u);
  expect_unmoved();
}

}  // namespace
}  // namespace membrane::test
