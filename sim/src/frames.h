#pragma once

#include <cstdint>
#include <optional>

#include "membrane/bytes.h"
#include "membrane/id.h"

namespace membrane::sim {

/// The topic on which the simulator's own messages are published.
inline constexpr char measured_topic[] = "measured";

/// The payload of the simulator's message `number`: the number in digits, then dots up to the size.
Bytes numbered_payload(std::uint64_t number, std::size_t size);
/// The number in it; nothing when it is none of ours.
std::optional<std::uint64_t> number_of(ByteView payload);

/// The number of the simulator's message that a control frame carries, in whatever kind of message;
/// nothing for all other frames. Quick, for it is asked of every frame of a run.
std::optional<std::uint64_t> number_in(ByteView frame);

}  // namespace membrane::sim
