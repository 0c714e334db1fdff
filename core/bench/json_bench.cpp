#include <boost/json.hpp>
#include <fstream>

#include "benches.h"
#include "json.h"
#include "measure.h"

namespace membrane::bench {

namespace json = boost::json;

/// Like for like in one respect in JSON's favour: it ends at a tree of strings, without turning
/// them into bytes, numbers and places, which decoding does.
void measure_json() {
  for (const Sample& sample : samples()) {
    const json::value value = to_json(sample.content);
    const std::string text = json::serialize(value);
    report_count("json bytes: " + sample.name, text.size());
    report("json encode: " + sample.name, measure([&] { keep(json::serialize(value)); }));
    report("json decode: " + sample.name, measure([&] { keep(json::parse(text)); }));
  }
}

void write_json_samples(const std::string& path) {
  json::array out;
  for (const Sample& sample : samples())
    out.push_back(json::object{{"name", sample.name}, {"value", to_json(sample.content)}});
  std::ofstream file(path);
  file.exceptions(std::ios::failbit | std::ios::badbit);
  file << json::serialize(out);
}

}  // namespace membrane::bench
