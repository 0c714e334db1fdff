#include "membrane/id.h"

#include "fuzz.h"

using namespace membrane;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of({data, size});
  const auto id = PeerId::parse(text);
  if (id) fuzz::require(id->text() == text, "an id has one text");
  return 0;
}
