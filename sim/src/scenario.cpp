#include "scenario.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace membrane::sim {
namespace {

namespace json = boost::json;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

// ---- The fields, once for reading and for checking ----------------------------------------------

template <typename Visit>
void visit_fields(Phase& p, Visit&& visit) {
  visit("name", p.name);
  visit("for_s", p.for_s);
  visit("crash_percent", p.crash_percent);
  visit("leave_percent", p.leave_percent);
  visit("sleep_percent", p.sleep_percent);
  visit("sleep_s", p.sleep_s);
  visit("liars_percent", p.liars_percent);
  visit("flooders", p.flooders);
  visit("parts", p.parts);
  visit("server", p.server);
  visit("churn_percent_per_min", p.churn_percent_per_min);
  visit("publishes_per_s", p.publishes_per_s);
  visit("probes_per_s", p.probes_per_s);
  visit("connects_per_s", p.connects_per_s);
  visit("forgiven", p.forgiven);
  visit("steady", p.steady);
}

template <typename Visit>
void visit_fields(Scenario& s, Visit&& visit) {
  visit("about", s.about);
  visit("peers", s.peers);
  visit("join_s", s.join_s);
  visit("converge_s_max", s.converge_s_max);
  visit("drain_s", s.drain_s);
  visit("server", s.server);
  visit("real_crypto", s.real_crypto);
  visit("latency_ms", s.latency_ms);
  visit("whole_map_max", s.whole_map_max);
  visit("blocked_percent", s.blocked_percent);
  visit("deliver_within_s", s.deliver_within_s);
  visit("payload_bytes", s.payload_bytes);
  visit("flood_per_s", s.flood_per_s);
  visit("swarm", s.swarm);
}

// ---- One value ----------------------------------------------------------------------------------

void read_value(const json::value& value, std::string& out) {
  if (!value.is_string()) fail("must be a text");
  out = value.as_string().c_str();
}
void read_value(const json::value& value, bool& out) {
  if (!value.is_bool()) fail("must be true or false");
  out = value.as_bool();
}
void read_value(const json::value& value, double& out) {
  if (!value.is_number()) fail("must be a number");
  out = value.to_number<double>();
  if (!(out >= 0 && out <= 1e9)) fail("must be between 0 and 10^9");
}
void read_value(const json::value& value, std::uint64_t& out) {
  double number = 0;
  read_value(value, number);
  out = static_cast<std::uint64_t>(number);
  if (static_cast<double>(out) != number) fail("must be a whole number");
}

template <typename T>
void read_fields(const json::object& object, T& out, const std::string& where,
                 std::initializer_list<std::string_view> others) {
  std::vector<std::string_view> known(others);
  visit_fields(out, [&](const char* name, auto& field) {
    known.push_back(name);
    const json::value* value = object.if_contains(name);
    if (!value) return;
    try {
      read_value(*value, field);
    } catch (const std::runtime_error& error) {
      fail(where + name + " " + error.what());
    }
  });
  for (const auto& entry : object) {
    if (std::find(known.begin(), known.end(), std::string_view(entry.key())) == known.end())
      fail("there is no key " + where + std::string(entry.key()));
  }
}

/// A phase has a section in the report, beside those of the figures.
void check_name(const std::string& name) {
  constexpr std::array<std::string_view, 8> taken{"",      "broadcast",   "routing", "connect",
                                                  "links", "state_bytes", "traffic", "rejected"};
  if (std::find(taken.begin(), taken.end(), name) != taken.end())
    fail("a phase cannot be called " + name + ": the report has figures of that name");
}

/// Those of the fields that are not as they are by default.
template <typename T>
json::object write_fields(const T& value) {
  json::object out;
  T given = value;
  T standard;
  std::vector<json::value> standards;
  visit_fields(standard, [&](const char*, const auto& field) { standards.emplace_back(field); });
  visit_fields(given, [&, at = std::size_t{0}](const char* name, const auto& field) mutable {
    json::value written(field);
    if (written != standards[at++]) out[name] = std::move(written);
  });
  return out;
}

Bound read_bound(const std::string& figure, const json::value& value) {
  Bound bound{figure, {}, 0};
  std::string text;
  read_value(value, text);
  std::istringstream in(text);
  const bool is_good = static_cast<bool>(in >> bound.relation >> bound.value) && in.eof() &&
                       (bound.relation == "=" || bound.relation == "<=" || bound.relation == ">=");
  if (!is_good) fail("must." + figure + " must be like \"<= 0.1\"");
  return bound;
}

// ---- Settings -----------------------------------------------------------------------------------

/// A value as the command line has it: a number, true, false, or a text.
json::value value_of(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  return error || value.is_structured() ? json::value(text) : value;
}

json::object* phase_named(json::object& scenario, std::string_view name) {
  json::value* phases = scenario.if_contains("phases");
  if (!phases || !phases->is_array()) return nullptr;
  for (json::value& phase : phases->as_array()) {
    json::object* object = phase.if_object();
    const json::value* found = object ? object->if_contains("name") : nullptr;
    if (found && found->is_string() && found->as_string() == name) return object;
  }
  return nullptr;
}

void apply(json::object& scenario, const Setting& setting) {
  const auto& [key, text] = setting;
  const auto dot = key.find('.');
  if (dot == std::string::npos) {
    scenario[key] = value_of(text);
    return;
  }
  const std::string first = key.substr(0, dot);
  const std::string rest = key.substr(dot + 1);
  if (first == "must") {
    if (!scenario.contains("must")) scenario["must"] = json::object();
    scenario["must"].as_object()[rest] = text;
    return;
  }
  json::object* phase = phase_named(scenario, first);
  if (!phase) fail("there is no phase " + first);
  (*phase)[rest] = value_of(text);
}

json::object parse_object(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.allow_comments = true;
  json::value value = json::parse(text, error, {}, options);
  if (error) fail("not JSON: " + error.message());
  if (!value.is_object()) fail("not an object");
  return value.as_object();
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Scenario read_scenario(std::string_view text, const std::vector<Setting>& settings) {
  json::object object = parse_object(text);
  for (const Setting& setting : settings) apply(object, setting);
  Scenario scenario;
  read_fields(object, scenario, "", {"phases", "must"});
  if (const json::value* phases = object.if_contains("phases")) {
    if (!phases->is_array()) fail("phases must be a list");
    for (const json::value& value : phases->as_array()) {
      if (!value.is_object()) fail("a phase must be an object");
      Phase& phase = scenario.phases.emplace_back();
      read_fields(value.as_object(), phase, "phases.", {});
      check_name(phase.name);
    }
  }
  if (const json::value* must = object.if_contains("must")) {
    if (!must->is_object()) fail("must must be an object");
    for (const auto& entry : must->as_object())
      scenario.must.push_back(read_bound(std::string(entry.key()), entry.value()));
  }
  if (scenario.peers < 2) fail("peers must be 2 or more");
  return scenario;
}

std::string write_scenario(const Scenario& scenario) {
  Scenario fixed = scenario;
  fixed.swarm = false;
  json::object out = write_fields(fixed);
  std::ostringstream text;
  text << "{\n";
  for (const auto& entry : out)
    text << "  " << json::value(entry.key()) << ": " << entry.value() << ",\n";
  text << "  \"phases\": [";
  for (const Phase& phase : scenario.phases)
    text << (&phase == scenario.phases.data() ? "\n    " : ",\n    ") << write_fields(phase);
  text << "\n  ],\n  \"must\": {";
  for (const Bound& bound : scenario.must) {
    std::array<char, 32> digits{};  // the fewest that read back the same
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bound.value).ptr;
    const std::string mark = bound.relation + ' ' + std::string(digits.data(), end);
    text << (&bound == scenario.must.data() ? "\n    " : ",\n    ") << json::value(bound.figure)
         << ": " << json::value(mark);
  }
  text << "\n  }\n}\n";
  return text.str();
}

Scenario load_scenario(const std::string& name, const std::string& folder,
                       const std::vector<Setting>& settings) {
  namespace fs = std::filesystem;
  const fs::path known = fs::path(folder) / (name + ".json");
  const fs::path path = fs::is_regular_file(known) ? known : fs::path(name);
  if (!fs::is_regular_file(path)) fail("there is no scenario " + name + "; --help lists them");
  try {
    return read_scenario(read_file(path), settings);
  } catch (const std::runtime_error& error) {
    fail(path.string() + ": " + error.what());
  }
}

std::map<std::string, std::string> list_scenarios(const std::string& folder) {
  std::map<std::string, std::string> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    out[entry.path().stem().string()] = read_scenario(read_file(entry.path()), {}).about;
  }
  return out;
}

}  // namespace membrane::sim
