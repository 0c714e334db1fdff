#include "crypto.h"

#include <gtest/gtest.h>

#include "random.h"

namespace membrane::sim {
namespace {

struct Maker {
  const char* name;
  std::unique_ptr<Crypto> (*make)();
};

class AnyCrypto : public testing::TestWithParam<Maker> {
 protected:
  AnyCrypto() : crypto(GetParam().make()), random(5) {
    ann = crypto->make(0, random.key());
    bob = crypto->make(1, random.key());
  }

  std::unique_ptr<Crypto> crypto;
  Random random;
  Crypto::Identity ann;
  Crypto::Identity bob;
  Bytes text = Bytes(77, 'x');
};

TEST_P(AnyCrypto, ASignatureHoldsForItsKeyAndItsBytesAlone) {
  const Signature signature = crypto->sign(0, text);
  EXPECT_TRUE(crypto->verify(ann.id.bytes, text, signature));
  EXPECT_FALSE(crypto->verify(bob.id.bytes, text, signature));
  for (std::size_t at = 0; at < text.size(); ++at) {
    Bytes other = text;
    other[at] ^= 1;
    EXPECT_FALSE(crypto->verify(ann.id.bytes, other, signature)) << at;
  }
  EXPECT_FALSE(crypto->verify(ann.id.bytes, ByteView(text).first(76), signature));
  Signature spoiled = signature;
  spoiled[63] ^= 1;
  EXPECT_FALSE(crypto->verify(ann.id.bytes, text, spoiled));
}

TEST_P(AnyCrypto, OnlyWhomItWasSealedToOpensIt) {
  const Bytes info{1, 2};
  const Bytes aad{3};
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 600u}) {
    const Bytes plain(size, 9);
    const auto sealed = crypto->seal(0, bob.sealing_key, info, aad, plain);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), size + 48);
    EXPECT_NE(crypto->seal(0, bob.sealing_key, info, aad, plain), sealed)
        << "nobody can tell repeats";
    EXPECT_EQ(crypto->open(1, info, aad, *sealed), plain);
    EXPECT_FALSE(crypto->open(0, info, aad, *sealed));
    EXPECT_FALSE(crypto->open(1, info, info, *sealed));
    EXPECT_FALSE(crypto->open(1, aad, aad, *sealed));
    for (std::size_t at = 0; at < sealed->size(); ++at) {
      Bytes spoiled = *sealed;
      spoiled[at] ^= 1;
      EXPECT_FALSE(crypto->open(1, info, aad, spoiled)) << at;
    }
  }
  EXPECT_FALSE(crypto->open(1, info, aad, Bytes(47)));
}

TEST_P(AnyCrypto, TheSameSecretIsTheSamePeer) {
  const Key secret = random.key();
  EXPECT_EQ(crypto->make(2, secret).id, crypto->make(3, secret).id);
  EXPECT_NE(ann.id, bob.id);
}

INSTANTIATE_TEST_SUITE_P(Both, AnyCrypto,
                         testing::Values(Maker{"fast", make_fast_crypto},
                                         Maker{"real", make_real_crypto}),
                         [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace membrane::sim
