// The operating system's randomness, for keys, nonces and the seeds of deterministic parts.
#pragma once

#include <cstdint>
#include <span>

namespace membrane::crypto {

// Fills `out` with unpredictable bytes. False when the system has none to give: then `out` must not
// be used.
[[nodiscard]] bool random_bytes(std::span<std::uint8_t> out);

}  // namespace membrane::crypto
