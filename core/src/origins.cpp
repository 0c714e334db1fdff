#include "origins.h"

namespace membrane {

Origins::iterator heaviest(Origins& origins, std::size_t (*weight)(const Origin&)) {
  auto found = origins.begin();
  for (auto at = origins.begin(); at != origins.end(); ++at) {
    if (weight(at->second) > weight(found->second)) found = at;
  }
  return found;
}

}  // namespace membrane
