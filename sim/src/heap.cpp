#include "heap.h"

#include <cstdlib>
#include <new>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMBRANE_SIM_COUNTS_HEAP 0
#else
#define MEMBRANE_SIM_COUNTS_HEAP 1
#endif

namespace membrane::sim::heap {
namespace {

/// What lies before each piece; it keeps the alignment that operator new promises.
struct alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) Header {
  std::uint64_t size;
  Owner owner;
};

/// The bytes of each owner. Not a std::vector: it is used before and after all other statics.
struct Table {
  std::int64_t* bytes = nullptr;
  std::size_t room = 0;
  Owner used = 1;
};

thread_local Owner current = 0;
thread_local Table table;

void grow_table() {
  const std::size_t room = table.room == 0 ? 1024 : table.room * 2;
  void* grown = std::realloc(table.bytes, room * sizeof(std::int64_t));
  if (grown == nullptr) std::abort();
  table.bytes = static_cast<std::int64_t*>(grown);
  table.room = room;
}

std::vector<Owner>& retired() {
  static thread_local std::vector<Owner> owners;
  return owners;
}

}  // namespace

bool counts() { return MEMBRANE_SIM_COUNTS_HEAP != 0; }

Owner new_owner() {
  if (!retired().empty()) {
    const Owner owner = retired().back();
    retired().pop_back();
    return owner;
  }
  if (table.used >= table.room) grow_table();
  table.bytes[table.used] = 0;
  return table.used++;
}

void retire(Owner owner) { retired().push_back(owner); }

std::int64_t bytes(Owner owner) { return owner == 0 ? 0 : table.bytes[owner]; }

Scope::Scope(Owner owner) : before_(current) { current = owner; }
Scope::~Scope() { current = before_; }

#if MEMBRANE_SIM_COUNTS_HEAP

namespace {

void* allocate(std::size_t size) {
  void* raw = std::malloc(size + sizeof(Header));
  if (raw == nullptr) return nullptr;
  Header* header = ::new (raw) Header{size, current};
  if (current != 0) table.bytes[current] += static_cast<std::int64_t>(size);
  return header + 1;
}

Header* header_of(void* piece) { return static_cast<Header*>(piece) - 1; }

void uncount(const Header& header) {
  // A piece may outlive the thread that asked for it.
  if (header.owner != 0 && header.owner < table.used)
    table.bytes[header.owner] -= static_cast<std::int64_t>(header.size);
}

void release(void* piece) {
  if (piece == nullptr) return;
  Header* header = header_of(piece);
  uncount(*header);
  std::free(header);
}

}  // namespace

void disown(void* piece) {
  if (piece == nullptr) return;
  Header* header = header_of(piece);
  uncount(*header);
  header->owner = 0;
}

#else

void disown(void*) {}

#endif

}  // namespace membrane::sim::heap

#if MEMBRANE_SIM_COUNTS_HEAP

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
