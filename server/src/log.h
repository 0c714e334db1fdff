// The log: short lines on standard error, safe to read in a terminal whatever a client sent.
//
// Bounds: a line is escaped and cut after 200 characters; a flood of lines is thinned to 20 a
// second (100 at once), and the next line that passes says how many were left out.

#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>

#include "rate.h"
#include "server_limits.h"

namespace membrane::server {

class Log {
 public:
  explicit Log(std::FILE* out) : out_(out), lines_(20, 100, Time{0}) {}

  /// Writes "event: detail"; `detail` may be foreign text.
  void line(std::string_view event, std::string_view detail, Time now);

 private:
  std::FILE* out_;
  Rate lines_;
  std::uint64_t left_out_ = 0;
};

}  // namespace membrane::server
