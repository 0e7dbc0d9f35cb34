// What the bytes are: filled by producers, looked at by consumers.
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

/// Rewrites every byte with a value that changes from buffer to buffer.
void fill_fresh(std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// Writes what the stream has to hold from `offset` on: each aligned 8 bytes of the stream are a number of their own,
/// so that a page that is lost, doubled, swapped or overwritten shows, wherever it is cut.
void stamp(std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// The first place at which `data` is not what stamp() would have written; empty when all of it is.
[[nodiscard]] std::optional<Damage> find_damage(const std::byte* data, std::size_t size, std::uint64_t offset) noexcept;

/// Loads every byte.
[[nodiscard]] std::uint64_t checksum(const std::byte* data, std::size_t size) noexcept;

}  // namespace pipebench
