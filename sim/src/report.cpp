#include "report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

namespace membrane::sim {
namespace {

namespace json = boost::json;

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

struct ValueText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    return std::isfinite(value) ? number_text(value) : "null";
  }
  std::string operator()(const std::string& value) const {
    return json::serialize(json::string(value));
  }
};

std::pair<std::string, std::string> split(const std::string& name) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) return {"", name};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

bool holds(double value, const Bound& bound) {
  if (bound.relation == "<=") return value <= bound.value;
  if (bound.relation == ">=") return value >= bound.value;
  return value == bound.value;
}

}  // namespace

// ---- The figures --------------------------------------------------------------------------------

Report::Value& Report::at(const std::string& name) {
  const auto [of, key] = split(name);
  auto section = std::find_if(sections_.begin(), sections_.end(),
                              [&, of = of](const Section& s) { return s.name == of; });
  if (section == sections_.end()) section = sections_.insert(section, {of, {}});
  for (auto& entry : section->values) {
    if (entry.first == key) return entry.second;
  }
  return section->values.emplace_back(key, Value()).second;
}

const Report::Value* Report::find(std::string_view name) const {
  const auto [of, key] = split(std::string(name));
  for (const Section& section : sections_) {
    if (section.name != of) continue;
    for (const auto& entry : section.values) {
      if (entry.first == key) return &entry.second;
    }
  }
  return nullptr;
}

void Report::set(const std::string& name, std::optional<double> value) {
  at(name) = value ? Value(*value) : Value();
}

void Report::append(const Report& other) {
  for (const Section& section : other.sections_) {
    for (const auto& [key, value] : section.values)
      at(section.name.empty() ? key : section.name + "." + key) = value;
  }
}

std::optional<double> Report::number(std::string_view name) const {
  const Value* value = find(name);
  if (!value) return std::nullopt;
  if (const auto* whole = std::get_if<std::uint64_t>(value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(value)) return *real;
  return std::nullopt;
}

// ---- Its two forms ------------------------------------------------------------------------------

std::string Report::json() const {
  std::string out;
  const auto entry = [](const std::string& key, const std::string& value) {
    return json::serialize(json::string(key)) + ": " + value;
  };
  for (const Section& section : sections_) {
    std::string within;
    for (const auto& [key, value] : section.values) {
      if (!within.empty()) within += section.name.empty() ? ",\n  " : ", ";
      within += entry(key, std::visit(ValueText{}, value));
    }
    if (!out.empty()) out += ",\n  ";
    out += section.name.empty() ? within : entry(section.name, "{" + within + "}");
  }
  return "{\n  " + out + "\n}\n";
}

std::string Report::table() const {
  std::string out;
  for (const Section& section : sections_) {
    if (!section.name.empty()) out += section.name + "\n";
    for (const auto& [key, value] : section.values) {
      std::string line = (section.name.empty() ? "" : "  ") + key;
      line.resize(std::max<std::size_t>(line.size() + 2, 36), ' ');
      const auto* text = std::get_if<std::string>(&value);
      const std::string shown = text ? *text : std::visit(ValueText{}, value);
      out += line + (shown == "null" ? "-" : shown) + "\n";
    }
  }
  return out;
}

std::vector<std::string> broken_bounds(const Report& report, const std::vector<Bound>& bounds) {
  std::vector<std::string> out;
  for (const Bound& bound : bounds) {
    const auto value = report.number(bound.figure);
    if (value && holds(*value, bound)) continue;
    out.push_back(bound.figure + " is " + (value ? number_text(*value) : "not measured") +
                  ", must be " + bound.relation + " " + number_text(bound.value));
  }
  return out;
}

}  // namespace membrane::sim
