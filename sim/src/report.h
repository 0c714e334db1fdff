#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenario.h"

namespace membrane::sim {

/// A run's figures, each under a name of one or two parts, "section.figure", with its unit at the
/// end; in the order in which they were set. A figure of which there is nothing to say is null.
class Report {
 public:
  using Value = std::variant<std::monostate, bool, std::uint64_t, double, std::string>;

  void set(const std::string& name, std::uint64_t value) { at(name) = value; }
  void set(const std::string& name, double value) { at(name) = value; }
  void set(const std::string& name, std::optional<double> value);
  /// All figures of another, behind those that are here.
  void append(const Report& other);

  /// The number called `name`, when there is one.
  std::optional<double> number(std::string_view name) const;

  /// One JSON object. Fractions are rounded to six digits, so that equal runs read equal.
  std::string json() const;
  /// The same for a person: a line a figure.
  std::string table() const;

 private:
  struct Section {
    std::string name;
    std::vector<std::pair<std::string, Value>> values;
  };
  Value& at(const std::string& name);
  const Value* find(std::string_view name) const;

  std::vector<Section> sections_;
};

/// In words, which of the bounds do not hold; a figure that was not measured holds none.
std::vector<std::string> broken_bounds(const Report& report, const std::vector<Bound>& bounds);

}  // namespace membrane::sim
