// Names of options and values: looking them up, suggesting what was probably meant, and listing them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipebench {

/// The first name that begins with `given`; otherwise the nearest by edit distance (a swap of neighbours counts one),
/// or empty when none is near enough to be what was meant (more than a third of its length away, at least 2 edits are
/// allowed).
[[nodiscard]] std::string_view nearest_name(std::string_view given, std::span<const std::string_view> known);

/// The sentence for an unknown name: "--writer: unknown writer 'vmslice'; did you mean 'vmsplice'? Known: null, write."
[[nodiscard]] std::string unknown_name(std::string_view what, std::string_view kind, std::string_view given,
                                       std::span<const std::string_view> known);

/// The parts one after another, with `separator` between them.
[[nodiscard]] std::string joined(std::span<const std::string_view> parts, std::string_view separator = ", ");

/// Parts of `text` between `separator`s, white space around each trimmed; empty parts are kept.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// `text` without white space at its ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

}  // namespace pipebench
