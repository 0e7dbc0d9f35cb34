// What the kernel's functions do for a pipe: from a function's name to a kind of work.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipebench/model/profile.hpp"

namespace pipebench {

/// What `function` does, by its name without suffixes of compilers; empty where the name is not known, or says nothing.
/// Meant for Linux 5.10 and later, x86-64 and arm64; checked against the sources of
/// 5.10 and 5.15 and the symbols of 6.1 to 7.3 (tests/data/kernels/).
[[nodiscard]] std::optional<Work> work_of_function(std::string_view function);

/// Does it work for any caller, and so say nothing (spin locks, memset(), return thunks, the way into an interrupt)?
[[nodiscard]] bool works_for_caller(std::string_view function);

struct Classified {
  Work work;
  std::size_t frame;  ///< the one that told: for Work::other the one that is not known
};

/// What a thread did that was sampled in `frames`, as those of a Stack: the work of the innermost function that does
/// not just work for its caller, or interrupts, if an interrupt was being handled.
///
/// With cpu-clock, what runs with interrupts off is sampled when they are turned on again, in
/// _raw_spin_unlock_irqrestore() for example: that works for its caller, too.
[[nodiscard]] Classified classify(std::span<const std::string> frames);

}  // namespace pipebench
