#include "abi.h"

#include <cmath>

#include "fuzz.h"
#include "wire.h"

using namespace membrane;

namespace {

Bytes configuration() {
  Writer out;
  PeerId id;
  id.bytes.fill(0x80);
  return out.id(id).raw(Bytes(32)).text("name").text("net").raw(Bytes(32)).integer(1).take();
}

/// Takes all outputs; how many bytes they were.
std::size_t drain(abi::Instance* node) {
  std::size_t all = 0;
  while (const std::uint32_t size = membrane_output(node)) {
    Reader in({membrane_output_data(node), size});
    in.integer();
    fuzz::require(in.ok(), "an output starts with its kind");
    all += size;
  }
  return all;
}

}  // namespace

/// Steps of: milliseconds that pass (one byte), the length of an input (two bytes), the input.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes config = configuration();
  abi::Instance* node = membrane_create(config.data(), config.size(), 1.7e12);
  double now = 1.7e12;
  Reader in({data, size});
  for (int step = 0; step < 200 && !in.at_end(); ++step) {
    now += in.u8() * 16;
    const std::size_t high = in.u8();
    const ByteView input = in.raw(high << 8 | in.u8());
    const std::uint32_t error = membrane_input(node, now, input.data(), input.size());
    fuzz::require(membrane_error_text(error) != nullptr, "an error has a phrase");
    fuzz::require(drain(node) < (std::size_t{1} << 26), "an input has bounded outputs");
    fuzz::require(!std::isnan(membrane_next_timeout(node)), "a timeout is a time");
  }
  membrane_counters(node);
  membrane_destroy(node);
  return 0;
}
