#include "crew.h"

#include <gtest/gtest.h>

namespace membrane::sim {
namespace {

TEST(Crew, DoesEachPieceOfEachListOnce) {
  for (const std::size_t threads : {0u, 1u, 2u, 5u}) {
    Crew crew(threads);
    EXPECT_EQ(crew.threads(), std::max<std::size_t>(threads, 1));
    for (std::size_t round = 0; round < 300; ++round) {
      std::vector<std::size_t> sizes;
      std::vector<std::vector<int>> done;
      for (std::size_t list = 0; list < crew.threads(); ++list) {
        sizes.push_back((round * 7 + list * 13) % 40);  // some are empty
        done.emplace_back(sizes.back(), 0);
      }
      crew.share(sizes, [&](std::size_t list, std::size_t at) { ++done[list][at]; });
      for (const auto& list : done) EXPECT_EQ(list, std::vector<int>(list.size(), 1));
    }
  }
}

TEST(Crew, AListThatNobodyBeginsWithIsHelpedWith) {
  Crew crew(3);
  std::vector<int> done(1'000, 0);
  crew.share({0, 0, 1'000}, [&](std::size_t, std::size_t at) { ++done[at]; });
  EXPECT_EQ(done, std::vector<int>(1'000, 1));
}

}  // namespace
}  // namespace membrane::sim
