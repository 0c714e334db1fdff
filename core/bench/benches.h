#pragma once

#include <string>

/// The parts of the benchmark, each printing its figures.
namespace membrane::bench {

/// Import of a whole map, lookup of a route, one change, for each graph that stands in the
/// standard input.
void measure_map();
/// Encoding and decoding of every message, statement, record and signal.
void measure_codec();
/// Taking, splitting and passing on a topic message at a node with 16 links.
void measure_broadcast();

// ---- Native only --------------------------------------------------------------------------------

/// The same content as JSON.
void measure_json();
void write_json_samples(const std::string& path);
/// The handshake of a link, checking records, a sealed signal: with real keys.
void measure_links();

}  // namespace membrane::bench
