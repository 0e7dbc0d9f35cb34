// Pipe slots of 32 KiB: pages that a socket allocated.
#pragma once

#include <cstdint>

#include "pipebench/system/pipe.hpp"

namespace pipebench {

/// Fills `pipe` with `bytes` (a multiple of 32768) out of an AF_UNIX stream socket. A send of 32 KiB makes one order-3
/// page (net/core/skbuff.c, alloc_skb_with_frags), and splice() hands it on as one slot; splice() wants 8 spare slots.
/// True when every slot came out at 32 KiB; false when memory is so fragmented that some are smaller. Throws
/// SystemError.
bool fill_with_skb_pages(const Pipe& pipe, std::uint64_t bytes);

}  // namespace pipebench
