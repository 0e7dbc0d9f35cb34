// What the samples of one thread say: shares of each kind of work, functions, a call tree, and what to do about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/analysis/kernel_functions.hpp"
#include "pipebench/model/case.hpp"
#include "pipebench/model/profile.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// Samples of all stacks.
[[nodiscard]] std::uint64_t total_samples(std::span<const Stack> stacks);

/// One for each kind of work that there was, the largest first. Their samples add up to total_samples().
[[nodiscard]] std::vector<WorkShare> shares_of(std::span<const Stack> stacks);

/// Every function that was seen, by self samples, then by inclusive ones, the largest first.
[[nodiscard]] std::vector<FunctionShare> functions_in(std::span<const Stack> stacks);

/// The functions behind Work::other, the largest first.
[[nodiscard]] std::vector<NamedCount> functions_of_other_work(std::span<const Stack> stacks);

/// `name` as a frame of such lines: semicolons and white space become '_'.
[[nodiscard]] std::string folded_frame(std::string_view name);
/// Lines as flamegraph.pl and speedscope read them, from the outermost function in, below `roots`:
/// "write-read;writer;entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_write 12".
[[nodiscard]] std::string folded(std::span<const Stack> stacks, const std::vector<std::string_view>& roots);

struct CallNode {
  std::string name;
  std::uint64_t samples = 0;           ///< of this function and what it called, here
  std::uint64_t self_samples = 0;      ///< of this function alone; the children left out are in neither
  std::vector<CallNode> callees = {};  ///< the largest first
};

struct CallTreeLimits {
  std::size_t depth = 30;    ///< of calls below the root
  double min_share = 0.005;  ///< of all samples; smaller branches are left out
};

/// From the outermost functions in. The root is called `name` and holds all samples.
[[nodiscard]] CallNode call_tree(std::span<const Stack> stacks, std::string_view name,
                                 const CallTreeLimits& limits = {});

/// What options a conclusion may name depends on.
struct ProfiledCase {
  const CaseSpec& spec;
  const StrategyInfo& writer;
  const StrategyInfo& reader;
};

/// Plain words for the end of a profile: what takes most of the time of the thread at the `role` end, or has the
/// largest share, and which option of pipebench addresses it, if the case does not use that already. Where that is
/// waiting for the pipe's mutex, also what the other end does meanwhile, by its stacks. User code that no option
/// changes, interrupts and what is not known are what dominates only if they take more than half. Empty without
/// samples.
[[nodiscard]] std::string conclusion_on(std::span<const Stack> stacks, const ProfiledCase& profiled, Role role,
                                        std::span<const Stack> other_end = {});

/// Fills in what follows from the stacks: all but `stacks`, `lost` and `throttled`.
void summarize(EndProfile& profile, const ProfiledCase& profiled, Role role, std::span<const Stack> other_end = {});
/// In all cases that have one; `catalog` has their strategies. A note says where work of kernel threads is missing.
void summarize_profiles(Document& document, const Catalog& catalog);

}  // namespace pipebench
