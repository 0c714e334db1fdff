#pragma once

#include <optional>
#include <vector>

#include "message.h"
#include "statement.h"

namespace membrane {

/// What two peers compare first of their sets: how many items, and the sum of their hashes.
struct Digest {
  std::uint64_t count = 0;
  std::uint64_t fingerprint = 0;
  friend bool operator==(const Digest&, const Digest&) = default;

  void add(const Item& item);
  void remove(const Item& item);
};

/// The store of a kind of statements: they have the order of the kinds, which begin at 1.
constexpr Store store_kind(StatementKind kind) {
  return static_cast<Store>(static_cast<std::uint8_t>(kind) - 1);
}

/// A set of statements that is spread to everybody and reconciled with the ring neighbours: the
/// records, the recent messages. Broadcast and Reconcile know statements only through this.
class StatementStore {
 public:
  enum class Status : std::uint8_t { unknown, known, stale };

  virtual ~StatementStore() = default;

  /// What this node thinks of a statement with this name, before anything is verified.
  virtual Status status(const PeerId& origin, std::uint64_t sequence) const = 0;
  /// Takes a statement that is unknown and verified. An error other than none means it was dropped,
  /// not to be spread.
  virtual Error accept(const Statement& statement, ByteView encoded) = 0;
  /// The encoded statement of this name, of a record also by sequence 0, which stands for the
  /// newest; empty when it is not held.
  virtual ByteView find(const Item& item) const = 0;
  /// The names of all statements held whose origin lies on the arc, in ascending order of
  /// (clockwise from arc.first, sequence).
  virtual std::vector<Item> items(const Arc& arc) const = 0;
  /// Of all the items, where that is at hand without going through them.
  virtual std::optional<Digest> digest() const { return std::nullopt; }
  /// Whether a statement of this name would be news.
  virtual bool lacks(const Item& item) const = 0;
  /// How long ago a statement that is held was said, where that counts; else 0.
  virtual std::uint64_t age_ms(const Item&) const { return 0; }
};

}  // namespace membrane
