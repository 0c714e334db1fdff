// Which file a request for a static file names, and how it is described: no sockets.
//
// Always holds: a file that is found lies inside the root after every symbolic link is followed,
// and no part of its path starts with a dot. Folders are never listed.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace membrane::server {

/// A file to serve.
struct StaticFile {
  std::filesystem::path path;
  std::uint64_t size_bytes;
  std::string_view content_type;
  /// A strong validator (RFC 9110, 8.8.3): changes when the file's size or time does.
  std::string etag;
};

/// The path names a folder without the slash at its end; relative links need it.
struct StaticRedirect {
  std::string location;
};

/// No such file, or none that may be served.
struct StaticMissing {};

class StaticFiles {
 public:
  /// Throws std::filesystem::filesystem_error if `root` cannot be resolved.
  explicit StaticFiles(const std::filesystem::path& root);

  /// Finds what the target of a request (path and query, still encoded) names.
  std::variant<StaticFile, StaticRedirect, StaticMissing> find(std::string_view target) const;

 private:
  bool is_inside(const std::filesystem::path& resolved) const;

  std::filesystem::path root_;
};

/// The content type by the ending of a file's name; application/octet-stream if unknown.
std::string_view content_type_of(const std::filesystem::path& path);

}  // namespace membrane::server
