#include "reconcile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "arc.h"
#include "wire.h"

namespace membrane::test {
namespace {

/// A set of names; a statement is its name, twice.
class Names : public StatementStore {
 public:
  void insert(const Item& item) {
    held_[item] = Writer().u64(item.origin).u64(item.sequence).take();
  }

  Status status(const PeerId&, std::uint64_t) const override { return Status::stale; }
  Error accept(const Statement&, ByteView) override { return Error::stale; }
  ByteView find(const Item& item) const override {
    const auto found = held_.find(item);
    return found == held_.end() ? ByteView{} : ByteView(found->second);
  }
  std::vector<Item> items(const Arc& arc) const override {
    std::vector<Item> out;
    for (const auto& [item, bytes] : held_) {
      if (contains(arc, item.origin)) out.push_back(item);
    }
    return out;
  }
  bool lacks(const Item& item) const override { return !held_.contains(item); }
  std::size_t size() const { return held_.size(); }

 private:
  std::map<Item, Bytes> held_;
};

Config config(std::uint8_t who) {
  Config out;
  out.id.bytes.fill(who);
  return out;
}

/// One side of a link, with its set of messages.
struct Side {
  explicit Side(std::uint8_t who) : context(config(who), 1'700'000'000'000) {}

  /// What it sent since the last time.
  std::vector<Message> sent() {
    std::vector<Message> out;
    for (const Output& output : context.outputs) {
      if (const auto* send = std::get_if<Send>(&output))
        out.push_back(std::move(**decode_message(send->data)));
    }
    context.outputs.clear();
    return out;
  }

  void take(const Message& message) {
    if (const auto* summary = std::get_if<Summary>(&message)) {
      ranges += summary->ranges.size();
      reconcile.receive(link, *summary);
    } else if (const auto* want = std::get_if<Want>(&message)) {
      reconcile.receive(link, *want);
    } else if (const auto* have = std::get_if<Have>(&message)) {
      reconcile.receive(link, *have);
    } else {
      Reader in(std::get<Push>(message).statement);
      const Position origin = in.u64();
      ++pushed;
      names.insert({origin, in.u64()});
    }
  }

  Context context;
  Links links{context};
  Map map{context};
  Names names;
  Names states;
  Broadcast broadcast{context, links, map, names, states};
  Reconcile reconcile{context, links, map, broadcast};
  Link& link = links.create(true, std::nullopt);
  std::size_t pushed = 0;
  std::size_t ranges = 0;
};

struct Pair {
  /// One round: everything that follows from one comparison.
  void reconcile() {
    one.reconcile.compare(one.link);
    for (int round = 0; round < 40; ++round) {
      const auto from_one = one.sent();
      const auto from_two = two.sent();
      if (from_one.empty() && from_two.empty()) return;
      for (const Message& message : from_one) two.take(message);
      for (const Message& message : from_two) one.take(message);
    }
    ADD_FAILURE() << "the comparison does not end";
  }

  Side one{1};
  Side two{2};
};

TEST(Reconcile, FingerprintIsASumOverTheSet) {
  const std::vector<Item> items{{1, 2}, {3, 4}, {5, 6}};
  std::vector<Item> shuffled{{5, 6}, {1, 2}, {3, 4}};
  EXPECT_EQ(fingerprint(items), fingerprint(shuffled));
  EXPECT_EQ(fingerprint({}), 0u);
  EXPECT_EQ(fingerprint({{1, 2}}) + fingerprint({{3, 4}}), fingerprint({{1, 2}, {3, 4}}));
}

TEST(Reconcile, FingerprintsOfNearbySetsDiffer) {
  std::set<std::uint64_t> seen;
  for (Position origin = 0; origin < 100; ++origin) {
    for (std::uint64_t sequence = 1; sequence <= 100; ++sequence)
      seen.insert(fingerprint({{origin, sequence}}));
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(Reconcile, EqualSetsCostOneMessage) {
  Pair pair;
  for (Position i = 0; i < 1'000; ++i) {
    pair.one.names.insert({i << 50, 1});
    pair.two.names.insert({i << 50, 1});
  }
  pair.reconcile();
  EXPECT_EQ(pair.one.ranges, 0u);
  EXPECT_EQ(pair.two.ranges, 2u);  // both stores
  EXPECT_EQ(pair.one.pushed + pair.two.pushed, 0u);
}

struct Sets {
  std::size_t common, only_one, only_two, origins;
};

class ReconcileSets : public testing::TestWithParam<Sets> {};

TEST_P(ReconcileSets, BecomeOneInAsManyRoundsAsTheNamesNeed) {
  const auto [common, only_one, only_two, origins] = GetParam();
  Pair pair;
  Random random({});
  std::vector<Position> places;
  for (std::size_t i = 0; i < origins; ++i) places.push_back(random.u64());
  const auto drawn = [&] {
    return Item{places[random.below(places.size())], random.below(1u << 30)};
  };
  for (std::size_t i = 0; i < common; ++i) {
    const Item item = drawn();
    pair.one.names.insert(item);
    pair.two.names.insert(item);
  }
  for (std::size_t i = 0; i < only_one; ++i) pair.one.names.insert(drawn());
  for (std::size_t i = 0; i < only_two; ++i) pair.two.names.insert(drawn());
  const std::size_t rounds = 1 + std::max(only_one, only_two) / want_items_max;
  for (std::size_t round = 0; round < rounds; ++round) pair.reconcile();
  EXPECT_EQ(pair.one.names.size(), common + only_one + only_two);
  EXPECT_EQ(pair.two.names.size(), common + only_one + only_two);
  // Nothing was said twice.
  EXPECT_EQ(pair.one.pushed, only_two);
  EXPECT_EQ(pair.two.pushed, only_one);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReconcileSets,
                         testing::Values(Sets{0, 0, 0, 1}, Sets{0, 5, 0, 5}, Sets{0, 0, 5, 5},
                                         Sets{0, 3'000, 0, 900}, Sets{0, 0, 300, 300},
                                         Sets{10, 1, 1, 10}, Sets{1'000, 1, 0, 1'000},
                                         Sets{1'000, 0, 1, 1'000}, Sets{1'000, 7, 9, 300},
                                         Sets{20, 4, 4, 1}));

/// A summary has room for so many ranges; what does not fit is found in the rounds that follow.
TEST(Reconcile, VeryManyDifferencesTakeMoreThanOneRound) {
  Pair pair;
  Random random({});
  for (int i = 0; i < 2'000; ++i) {
    const Item item{random.u64(), 1};
    if (i % 40 != 0) pair.one.names.insert(item);
    if (i % 40 != 20) pair.two.names.insert(item);
  }
  int rounds = 0;
  while (pair.one.names.size() + pair.two.names.size() < 4'000 && rounds < 20) {
    pair.reconcile();
    ++rounds;
  }
  EXPECT_GT(rounds, 1);
  EXPECT_LE(rounds, 10);
}

/// The names that one origin gave cannot be split over ranges; the newest are compared.
TEST(Reconcile, OneOriginWithVeryManyComparesTheNewest) {
  Pair pair;
  for (std::uint64_t sequence = 1; sequence <= 500; ++sequence)
    pair.one.names.insert({7, sequence});
  for (std::uint64_t sequence = 1; sequence <= 490; ++sequence)
    pair.two.names.insert({7, sequence});
  pair.reconcile();
  EXPECT_EQ(pair.two.names.size(), 500u);
}

TEST(Reconcile, OneOriginWithVeryManyDoesNotHideTheOthers) {
  Pair pair;
  constexpr Position flooder = 1ull << 40;
  for (std::uint64_t sequence = 1; sequence <= 2'000; ++sequence) {
    if (sequence % 7 != 0) pair.one.names.insert({flooder, sequence});
    if (sequence % 5 != 0) pair.two.names.insert({flooder, sequence});
  }
  for (Position other = 1; other <= 20; ++other) {
    for (Side* side : {&pair.one, &pair.two}) side->names.insert({flooder + other, 1});
    (other % 2 == 0 ? pair.one : pair.two).names.insert({flooder - other, 1});
  }
  pair.reconcile();
  for (Position other = 1; other <= 20; ++other) {
    EXPECT_FALSE(pair.one.names.lacks({flooder - other, 1})) << other;
    EXPECT_FALSE(pair.two.names.lacks({flooder - other, 1})) << other;
  }
}

TEST(Reconcile, AnswersAreRateLimited) {
  Side side(1);
  const Summary summary{Store::messages, {{{0, ~Position{0}}, 1, 1, {}}}};
  for (std::uint64_t i = 0; i < limits::summaries_burst + 50; ++i)
    side.reconcile.receive(side.link, summary);
  EXPECT_EQ(side.sent().size(), limits::summaries_burst);
  EXPECT_EQ(side.context.rejected[static_cast<std::size_t>(Error::busy)], 50u);
}

TEST(Reconcile, PushesNoMoreThanTheLinksBudget) {
  Side side(1);
  Want want{Store::messages, {}};
  for (Position i = 0; i < 2 * limits::push_kibibytes_burst; ++i) {
    side.names.insert({i, 1});
    want.items.push_back({i, 1});
    if (want.items.size() < want_items_max) continue;
    side.reconcile.receive(side.link, want);
    want.items.clear();
  }
  EXPECT_EQ(side.sent().size(), limits::push_kibibytes_burst);  // each begins a kibibyte
}

}  // namespace
}  // namespace membrane::test
