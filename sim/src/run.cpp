#include "run.h"

#include <algorithm>

#include "broadcast_figures.h"
#include "check_everybody.h"
#include "check_maps.h"
#include "check_tables.h"

namespace membrane::sim {
namespace {

/// How often the network as a whole is looked at: in a large one that takes a while.
constexpr TimeUs look_us = 250'000;
constexpr TimeUs look_large_us = 1'000'000;
constexpr std::size_t large = 2'000;
constexpr TimeUs tables_us = 10'000'000;
/// Of how many the maps are compared.
constexpr std::size_t maps_compared_max = 200;
constexpr TimeUs maps_equal_within_us = 30'000'000;

TimeUs us(double seconds) { return static_cast<TimeUs>(seconds * 1e6); }

WorldOptions options_of(const Scenario& scenario, std::uint64_t seed, std::size_t threads) {
  WorldOptions out;
  out.seed = seed;
  out.threads = threads;
  out.latency_ms = scenario.latency_ms;
  out.nat_per_mille = static_cast<std::uint64_t>(scenario.blocked_percent * 10);
  if (scenario.whole_map_max != 0) out.peers_max = scenario.whole_map_max;
  out.real_crypto = scenario.real_crypto;
  return out;
}

bool has_traffic(const Phase& phase) {
  return phase.publishes_per_s + phase.probes_per_s + phase.connects_per_s > 0;
}

}  // namespace

Run::Run(const Scenario& scenario, std::uint64_t seed, Trace* trace, std::size_t threads)
    : scenario_(scenario),
      seed_(seed),
      world_(options_of(scenario, seed, threads)),
      watch_(world_, trace),
      faults_(world_, watch_, scenario_, mix(seed, 1)),
      load_(world_, watch_, scenario_, mix(seed, 2)) {
  world_.set_observer(&watch_);
}

void Run::go() {
  join();
  converge();
  faults_.set_server(scenario_.server);
  for (const Phase& phase : scenario_.phases) run_phase(phase);
  drain();
  make_report();
}

// ---- The course of it ---------------------------------------------------------------------------

void Run::join() {
  const TimeUs apart = us(scenario_.join_s) / std::max<std::uint64_t>(scenario_.peers - 1, 1);
  for (std::uint64_t peer = 0; peer < scenario_.peers; ++peer)
    world_.at(peer * apart, [this] { world_.add(); });
  pass((scenario_.peers - 1) * apart, "join", nullptr);
}

void Run::converge() {
  PhaseMeter meter(world_, watch_.census);
  meter.begin(world_.now_us());
  const TimeUs end = world_.now_us() + us(scenario_.converge_s_max);
  // Converged means that it stays so for a while.
  constexpr double stable_s = 3;
  while (world_.now_us() < end) {
    pass(world_.now_us() + look_large_us, "converge", &meter);
    const auto after_s = meter.converged_after_s();
    if (after_s && static_cast<double>(world_.now_us()) / 1e6 >= stable_s + *after_s) break;
  }
  converged_after_s_ = meter.converged_after_s();
}

void Run::run_phase(const Phase& phase) {
  watch_.note("phase " + phase.name);
  PhaseMeter meter(world_, watch_.census);
  const TimeUs end = world_.now_us() + us(phase.for_s);
  faults_.begin(phase, end);
  watch_.refresh();
  meter.begin(world_.now_us());
  if (phase.steady) watch_.rest.begin(world_.now_us(), !has_traffic(phase));
  load_.run(phase, end);
  pass(end, phase.name, &meter);
  if (phase.steady) weigh();
  watch_.rest.end(world_.now_us());
  meter.report(phase.name, report_);
  check_all_tables();
}

void Run::drain() {
  watch_.note("drain");
  faults_.end();
  pass(world_.now_us() + us(scenario_.drain_s), "drain", nullptr);
  watch_.refresh();
  watch_.routing.close();
  watch_.connects.close();
  check_all_tables();
  check_everybody(watch_.deliveries, world_.now_us(), watch_.verdict);
  if (!has_adversaries()) await_equal_maps();
}

/// Lets time pass and looks at the network now and then.
void Run::pass(TimeUs until, const std::string& phase, PhaseMeter* meter) {
  TimeUs tables_at = world_.now_us() + tables_us;
  while (world_.now_us() < until) {
    const TimeUs step = watch_.census.size() > large ? look_large_us : look_us;
    world_.run_until(std::min(world_.now_us() + step, until));
    look(meter);
    if (world_.now_us() >= tables_at) {
      tables_at += tables_us;
      check_all_tables();
    }
    if (on_progress) on_progress(phase);
  }
}

void Run::look(PhaseMeter* meter) {
  if (!meter) return;
  watch_.refresh();
  meter->look(world_.now_us());
  sleepers_.look(world_.now_us());
  watch_.rest.look(world_.now_us());
}

// ---- Checks and figures -------------------------------------------------------------------------

bool Run::has_adversaries() const {
  return std::any_of(scenario_.phases.begin(), scenario_.phases.end(), [](const Phase& phase) {
    return phase.liars_percent > 0 || phase.flooders > 0;
  });
}

void Run::check_all_tables() {
  for (const PeerIndex peer : watch_.census.living())
    check_tables(peer, world_.node(peer).tables(), world_.now_us(), watch_.verdict);
}

/// Links change now and then even at rest, and the news takes a moment: the maps have to be equal
/// soon, not at the moment at which somebody happens to look.
void Run::await_equal_maps() {
  const TimeUs end = world_.now_us() + maps_equal_within_us;
  Verdict verdict = compare_maps();
  while (!verdict.holds() && world_.now_us() < end) {
    pass(world_.now_us() + look_large_us, "drain", nullptr);
    watch_.refresh();
    verdict = compare_maps();
  }
  watch_.verdict.add(verdict);
}

/// Of nodes that know everybody; of many, some spread evenly.
Verdict Run::compare_maps() const {
  std::vector<PeerIndex> present = watch_.census.present();
  std::erase_if(present, [this](PeerIndex peer) { return !world_.node(peer).knows_everybody(); });
  const std::size_t step = present.size() / maps_compared_max + 1;
  std::vector<MapView> views;
  for (std::size_t at = 0; at < present.size(); at += step) {
    const Node& node = world_.node(present[at]);
    views.push_back({present[at], node.peers(), node.edges()});
  }
  Verdict verdict;
  check_maps(watch_.census, views, world_.now_us(), verdict);
  return verdict;
}

void Run::weigh() {
  if (!heap::counts()) return;
  for (const PeerIndex peer : watch_.census.present()) watch_.rest.holds(world_.state_bytes(peer));
}

void Run::make_report() {
  // The sections of the phases are there already; what concerns the whole run comes first.
  Report all;
  all.set("seed", seed_);
  all.set("peers", scenario_.peers);
  all.set("virtual_s", static_cast<double>(world_.now_us()) / 1e6);
  all.set("events", world_.events());
  all.set("converged_after_s", converged_after_s_);
  if (sleepers_.has_sleepers()) {
    all.set("sleepers_back_after_s", sleepers_.back_after_s());
    all.set("others_disturbed", watch_.disturbed);
  }
  all.append(report_);
  report_broadcast(watch_.deliveries, us(scenario_.deliver_within_s), all);
  watch_.routing.report_routing(all);
  watch_.connects.report_connect(all);
  watch_.rest.report(all);
  report_ = std::move(all);
  report_rejected();
  report_.set("violations", watch_.verdict.count());
}

/// What the living dropped, by reason, all of them together.
void Run::report_rejected() {
  std::map<std::string, std::uint64_t> sums;
  const std::string prefix = "rejected: ";
  for (const PeerIndex peer : watch_.census.present()) {
    for (const auto& [name, value] : world_.node(peer).counters()) {
      if (name.starts_with(prefix)) sums[name.substr(prefix.size())] += value;
    }
  }
  for (const auto& [reason, count] : sums) report_.set("rejected." + reason, count);
}

}  // namespace membrane::sim
