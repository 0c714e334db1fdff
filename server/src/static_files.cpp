#include "static_files.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "encoding.h"

namespace membrane::server {
namespace filesystem = std::filesystem;
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> content_types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".ts", "text/plain; charset=utf-8"},
    {".woff2", "font/woff2"},
    {".webmanifest", "application/manifest+json"},
}};

// The segments of a decoded path; nothing if one of them may not be asked for.
std::optional<filesystem::path> relative_path(std::string_view decoded) {
  if (!decoded.starts_with('/') || decoded.find('\0') != std::string_view::npos)
    return std::nullopt;
  filesystem::path path;
  while (!decoded.empty()) {
    decoded.remove_prefix(1);
    const std::string_view segment = decoded.substr(0, decoded.find('/'));
    if (segment.starts_with('.') || segment.find('\\') != std::string_view::npos) {
      return std::nullopt;
    }
    if (!segment.empty()) path /= segment;
    decoded.remove_prefix(segment.size());
  }
  return path;
}

std::string make_etag(std::uint64_t size_bytes, filesystem::file_time_type written) {
  const auto ticks = written.time_since_epoch().count();
  return '"' + std::to_string(size_bytes) + '-' + std::to_string(ticks) + '"';
}

}  // namespace

StaticFiles::StaticFiles(const filesystem::path& root) : root_(filesystem::canonical(root)) {}

std::variant<StaticFile, StaticRedirect, StaticMissing> StaticFiles::find(
    std::string_view target) const {
  const std::string_view encoded = target.substr(0, target.find_first_of("?#"));
  const auto decoded = percent_decode(encoded);
  if (!decoded) return StaticMissing{};
  const auto relative = relative_path(*decoded);
  if (!relative) return StaticMissing{};

  std::error_code error;
  filesystem::path path = filesystem::canonical(root_ / *relative, error);
  if (error || !is_inside(path)) return StaticMissing{};
  if (filesystem::is_directory(path, error)) {
    if (!decoded->ends_with('/')) {
      // Relative, so that a proxy's prefix stays; the segment is the client's own encoding of it.
      return StaticRedirect{std::string(encoded.substr(encoded.rfind('/') + 1)) + '/'};
    }
    path = filesystem::canonical(path / "index.html", error);
    if (error || !is_inside(path)) return StaticMissing{};
  } else if (decoded->ends_with('/')) {
    return StaticMissing{};
  }
  if (!filesystem::is_regular_file(path, error)) return StaticMissing{};
  const std::uint64_t size_bytes = filesystem::file_size(path, error);
  if (error) return StaticMissing{};
  const auto written = filesystem::last_write_time(path, error);
  if (error) return StaticMissing{};
  return StaticFile{path, size_bytes, content_type_of(path), make_etag(size_bytes, written)};
}

bool StaticFiles::is_inside(const filesystem::path& resolved) const {
  const auto [root_end, ignored] =
      std::mismatch(root_.begin(), root_.end(), resolved.begin(), resolved.end());
  return root_end == root_.end();
}

std::string_view content_type_of(const filesystem::path& path) {
  const std::string extension = path.extension().string();
  for (const auto& [ending, type] : content_types) {
    if (extension == ending) return type;
  }
  return "application/octet-stream";
}

}  // namespace membrane::server
