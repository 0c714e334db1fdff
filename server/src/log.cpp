#include "log.h"

#include "encoding.h"

namespace membrane::server {
namespace {

constexpr std::size_t line_length_max = 200;

}  // namespace

void Log::line(std::string_view event, std::string_view detail, Time now) {
  if (!lines_.take(now)) {
    ++left_out_;
    return;
  }
  if (left_out_ > 0) std::fprintf(out_, "log: left out %lu lines\n", left_out_);
  left_out_ = 0;
  std::string text(event);
  text += ": ";
  text += printable(detail, line_length_max);
  text += '\n';
  std::fputs(text.c_str(), out_);
  std::fflush(out_);
}

}  // namespace membrane::server
