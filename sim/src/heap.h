#pragma once

#include <cstddef>
#include <cstdint>

/// Whose memory is whose. Linked into a program this replaces its global operator new and delete:
/// each piece of memory remembers the owner for whom it was asked, so that the heap of one node
/// among thousands can be told. Costs 8 bytes a piece. It is made for a few threads that take and
/// give back millions of small pieces, in huge pages. One owner's memory is asked for and given
/// back by one thread at a time, whichever that is; owners come and go while one thread runs alone.
/// Under a sanitizer, which needs its own allocator, nothing is counted.
namespace membrane::sim::heap {

/// An owner's number; 0 is nobody's and is not counted.
using Owner = std::uint32_t;

/// Whether anything is counted in this build.
bool counts();

Owner new_owner();
/// The number may be given again. What it still owns counts for its next bearer.
void retire(Owner owner);

/// The bytes asked for and not given back yet.
std::int64_t bytes(Owner owner);

/// Memory changes hands: it is nobody's from here on. `piece` comes from operator new, or is null.
void disown(void* piece);

/// What this thread keeps for its next pieces goes to the others: it is about to end.
void hand_over();

/// While one lives, what this thread asks for is `owner`'s.
class Scope {
 public:
  explicit Scope(Owner owner);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Owner before_;
};

}  // namespace membrane::sim::heap
