#include "heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#if defined(__has_feature)  // clang's way to say it, then GCC's
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEMBRANE_SIM_HEAP 0
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMBRANE_SIM_HEAP 0
#endif
#ifndef MEMBRANE_SIM_HEAP
#define MEMBRANE_SIM_HEAP 1
#endif

namespace membrane::sim::heap {
namespace {

/// What an owner has. In a line of the caches of its own: other threads count for other owners.
struct alignas(64) Account {
  std::int64_t bytes;
};

/// All accounts, by owner. Not a std::vector: it is used before and after all other statics.
struct Table {
  Account* accounts = nullptr;
  std::size_t room = 0;
  Owner used = 0;
};

thread_local Owner current = 0;
constinit Table table;

void grow_table() {
  const std::size_t room = table.room == 0 ? 1024 : table.room * 2;
  auto* grown = static_cast<Account*>(std::aligned_alloc(alignof(Account), room * sizeof(Account)));
  if (grown == nullptr) std::abort();
  std::copy_n(table.accounts, table.room, grown);
  std::free(table.accounts);
  table.accounts = grown;
  table.room = room;
}

std::vector<Owner>& retired() {
  static std::vector<Owner> owners;
  return owners;
}

}  // namespace

bool counts() { return MEMBRANE_SIM_HEAP != 0; }

Owner new_owner() {
  if (!retired().empty()) {
    const Owner owner = retired().back();
    retired().pop_back();
    return owner;
  }
  if (table.used + 1 >= table.room) grow_table();
  table.accounts[++table.used] = {0};
  return table.used;
}

void retire(Owner owner) { retired().push_back(owner); }

std::int64_t bytes(Owner owner) { return owner == 0 ? 0 : table.accounts[owner].bytes; }

Scope::Scope(Owner owner) : before_(current) { current = owner; }
Scope::~Scope() { current = before_; }

#if MEMBRANE_SIM_HEAP

namespace {

constexpr std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

/// What lies right before each piece.
struct Header {
  std::uint32_t size;  ///< as asked for
  Owner owner;
};
static_assert(sizeof(Header) <= alignment && alignment == 16);

/// Pieces up to `small_max` come from lists of free pieces, one list a class: sizes with their
/// header in steps of 16 bytes up to 1 KiB, then eight steps each doubling. Larger ones are left to
/// malloc. Memory for small ones is never given back to the system.
constexpr std::size_t fine_max = 1024;
constexpr std::size_t small_max = std::size_t{64} << 10;
constexpr std::size_t fine_classes = fine_max / alignment;
constexpr std::size_t steps = 8;
constexpr std::size_t classes = fine_classes + 1 + 6 * steps;

std::size_t class_of(std::size_t whole) {
  if (whole <= fine_max) return (whole + alignment - 1) / alignment;
  const auto doubling = static_cast<std::size_t>(63 - __builtin_clzll(whole - 1));  // 10 … 15
  const std::size_t step = (whole - 1) >> (doubling - 3) & (steps - 1);
  return fine_classes + 1 + (doubling - 10) * steps + step;
}

std::size_t room_of(std::size_t size_class) {
  if (size_class <= fine_classes) return size_class * alignment;
  const std::size_t step = size_class - fine_classes - 1;
  return (steps + 1 + step % steps) << (10 + step / steps - 3);
}

struct Free {
  Free* next;
};

/// Free pieces of one class, one behind the other.
struct Chain {
  Free* first = nullptr;
  std::size_t length = 0;

  void push(Free* piece) {
    piece->next = first;
    first = piece;
    ++length;
  }
  Free* pop() {
    Free* piece = first;
    first = piece->next;
    --length;
    return piece;
  }
};

/// Pieces wander: one thread asks for them, another gives them back. So a thread keeps two chains
/// of a class, and what is more than that goes to all (J. Bonwick, Magazines and Vmem, 2001).
constexpr std::size_t chain_length = 256;
struct Kept {
  Chain used;
  Chain spare;  ///< empty or full
};
thread_local constinit Kept kept[classes];

/// The chains of one class that no thread keeps.
class Depot {
 public:
  void put(Chain chain) {
    const Lock lock(taken_);
    if (size_ == room_) grow();
    chains_[size_++] = chain;
  }
  /// An empty one when there is none.
  Chain get() {
    const Lock lock(taken_);
    return size_ == 0 ? Chain{} : chains_[--size_];
  }

 private:
  struct Lock {
    explicit Lock(std::atomic_flag& flag) : taken(flag) {
      while (taken.test_and_set(std::memory_order_acquire)) {
      }
    }
    ~Lock() { taken.clear(std::memory_order_release); }
    std::atomic_flag& taken;
  };

  void grow() {
    room_ = room_ == 0 ? 64 : room_ * 2;
    chains_ = static_cast<Chain*>(std::realloc(chains_, room_ * sizeof(Chain)));
    if (chains_ == nullptr) std::abort();
  }

  std::atomic_flag taken_;
  Chain* chains_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
};
constinit Depot depots[classes];

void keep(std::size_t size_class, Free* piece) {
  Kept& mine = kept[size_class];
  if (mine.used.length == chain_length) {
    if (mine.spare.length != 0) depots[size_class].put(mine.spare);
    mine.spare = std::exchange(mine.used, Chain{});
  }
  mine.used.push(piece);
}

/// Null when nobody has one.
Free* find_kept(std::size_t size_class) {
  Kept& mine = kept[size_class];
  if (mine.used.length == 0) {
    mine.used = std::exchange(mine.spare, Chain{});
    if (mine.used.length == 0) mine.used = depots[size_class].get();
    if (mine.used.length == 0) return nullptr;
  }
  return mine.used.pop();
}

/// Where new pieces are cut from. In huge pages: a world is larger than what small pages can
/// address without a miss.
constexpr std::size_t region_size = std::size_t{32} << 20;
thread_local char* region = nullptr;
thread_local std::size_t region_left = 0;

void open_region() {
  constexpr std::size_t huge = std::size_t{2} << 20;
  void* fresh = mmap(nullptr, region_size + huge, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fresh == MAP_FAILED) std::abort();
  const auto over = reinterpret_cast<std::uintptr_t>(fresh) % huge;
  region = static_cast<char*>(fresh) + (over == 0 ? 0 : huge - over);
  region_left = region_size;
  madvise(region, region_left, MADV_HUGEPAGE);  // a wish: without it all is only slower
}

/// A piece whose header takes the last half of the 16 bytes before it; what it follows may use the
/// first half.
void* cut(std::size_t room) {
  if (region_left < room + alignment) open_region();
  char* piece = region + alignment;
  region += room;
  region_left -= room;
  return piece;
}

Header* header_of(void* piece) { return static_cast<Header*>(piece) - 1; }

void* take(std::size_t size) {
  const std::size_t whole = size + sizeof(Header);
  if (whole > small_max) {
    if (size > UINT32_MAX) return nullptr;
    char* raw = static_cast<char*>(std::malloc(size + alignment));
    return raw == nullptr ? nullptr : raw + alignment;
  }
  const std::size_t size_class = class_of(whole);
  void* piece = find_kept(size_class);
  return piece == nullptr ? cut(room_of(size_class)) : piece;
}

void* allocate(std::size_t size) {
  if (size < sizeof(Free)) size = sizeof(Free);
  void* piece = take(size);
  if (piece == nullptr) return nullptr;
  ::new (header_of(piece)) Header{static_cast<std::uint32_t>(size), current};
  if (current != 0) table.accounts[current].bytes += static_cast<std::int64_t>(size);
  return piece;
}

void uncount(const Header& header) {
  if (header.owner != 0)
    table.accounts[header.owner].bytes -= static_cast<std::int64_t>(header.size);
}

void release(void* piece) {
  if (piece == nullptr) return;
  const Header header = *header_of(piece);
  uncount(header);
  const std::size_t whole = header.size + sizeof(Header);
  if (whole > small_max) return std::free(static_cast<char*>(piece) - alignment);
  keep(class_of(whole), ::new (piece) Free{nullptr});
}

}  // namespace

void disown(void* piece) {
  if (piece == nullptr) return;
  Header* header = header_of(piece);
  uncount(*header);
  header->owner = 0;
}

void hand_over() {
  for (std::size_t size_class = 0; size_class < classes; ++size_class) {
    Kept& mine = kept[size_class];
    for (Chain* chain : {&mine.used, &mine.spare}) {
      if (chain->length != 0) depots[size_class].put(std::exchange(*chain, Chain{}));
    }
  }
}

#else

void disown(void*) {}
void hand_over() {}

#endif

}  // namespace membrane::sim::heap

#if MEMBRANE_SIM_HEAP

void* operator new(std::size_t size) {
  void* piece = membrane::sim::heap::allocate(size);
  if (piece == nullptr) std::abort();
  return piece;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return membrane::sim::heap::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return membrane::sim::heap::allocate(size);
}
void operator delete(void* piece) noexcept { membrane::sim::heap::release(piece); }
void operator delete[](void* piece) noexcept { membrane::sim::heap::release(piece); }
void operator delete(void* piece, std::size_t) noexcept { membrane::sim::heap::release(piece); }
void operator delete[](void* piece, std::size_t) noexcept { membrane::sim::heap::release(piece); }
void operator delete(void* piece, const std::nothrow_t&) noexcept {
  membrane::sim::heap::release(piece);
}
void operator delete[](void* piece, const std::nothrow_t&) noexcept {
  membrane::sim::heap::release(piece);
}

#endif
