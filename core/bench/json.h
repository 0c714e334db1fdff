#pragma once

#include <boost/json/value.hpp>

#include "samples.h"

namespace membrane::bench {

/// The same content as one would write it in JSON: fields by name, numbers as numbers, places on
/// the ring and ids as hex, other bytes as base64, an opaque part as a string.
boost::json::value to_json(const Content& content);

}  // namespace membrane::bench
