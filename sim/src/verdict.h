#pragma once

#include <string>
#include <vector>

#include "observer.h"

namespace membrane::sim {

/// What a checker found that must not be.
struct Violation {
  std::string check;  ///< the checker's name
  TimeUs at = 0;
  std::string what;
};

/// All that the checkers found. Only the first of each checker are kept in words, since one cause
/// often breaks a rule a thousand times.
class Verdict {
 public:
  void violated(const std::string& check, TimeUs at, std::string what);

  /// What another verdict holds, too.
  void add(const Verdict& other);

  bool holds() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  const std::vector<Violation>& kept() const { return kept_; }

 private:
  static constexpr std::size_t kept_of_each_max = 5;

  std::uint64_t count_ = 0;
  std::vector<Violation> kept_;
};

}  // namespace membrane::sim
