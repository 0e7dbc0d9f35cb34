// The contents of the bytes: how writers fill buffers, and how readers check them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "pipebench/strategies/end.hpp"

namespace pipebench {

/// What a writer puts into a buffer before it sends it.
enum class Fill : std::uint8_t { nothing, page_numbers, fresh, numbered };
/// What a reader does with what it got.
enum class Look : std::uint8_t { nothing, checksum, verify };

/// Writes the number of each 4 KiB of the stream into its first 8 bytes.
void number_pages(std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// Rewrites every byte; the value differs from buffer to buffer.
void fill_fresh(std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// Writes the test pattern of the stream from `offset` on: each aligned 8 bytes hold a number of their own, so that
/// lost, repeated, swapped and overwritten pages are found, wherever the stream is cut.
void stamp(std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// The first difference between `data` and what stamp() would have written; empty: there is none.
[[nodiscard]] std::optional<Mismatch> find_mismatch(const std::byte* data, std::size_t size,
                                                    std::uint64_t offset) noexcept;

/// Loads every byte.
[[nodiscard]] std::uint64_t checksum(const std::byte* data, std::size_t size) noexcept;

}  // namespace pipebench
