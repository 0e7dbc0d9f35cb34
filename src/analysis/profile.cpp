#include "pipebench/analysis/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "analysis/remedies.hpp"
#include "pipebench/base/distinct.hpp"

namespace pipebench {
namespace {

double share(std::uint64_t samples, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(samples) / static_cast<double>(total);
}

}  // namespace

std::uint64_t total_samples(std::span<const Stack> stacks) {
  std::uint64_t total = 0;
  for (const Stack& stack : stacks) total += stack.count;
  return total;
}

std::vector<WorkShare> shares_of(std::span<const Stack> stacks) {
  std::map<Work, std::uint64_t> samples;
  for (const Stack& stack : stacks) samples[classify(stack.frames).work] += stack.count;
  std::vector<WorkShare> shares;
  const std::uint64_t total = total_samples(stacks);
  for (const auto& [work, count] : samples) shares.push_back({work, count, share(count, total)});
  std::ranges::stable_sort(shares, std::greater{}, &WorkShare::samples);
  return shares;
}

std::vector<FunctionShare> functions_in(std::span<const Stack> stacks) {
  struct Samples {
    std::uint64_t self = 0;
    std::uint64_t inclusive = 0;
  };
  std::map<std::string_view, Samples> samples;
  for (const Stack& stack : stacks) {
    if (stack.frames.empty()) continue;
    samples[stack.frames.front()].self += stack.count;
    for (const std::string_view name : std::set<std::string_view>(stack.frames.begin(), stack.frames.end()))
      samples[name].inclusive += stack.count;
  }
  const std::uint64_t total = total_samples(stacks);
  std::vector<FunctionShare> functions;
  for (const auto& [name, seen] : samples) {
    functions.push_back({.name = std::string(name),
                         .work = work_of_function(name).value_or(Work::other),
                         .self_samples = seen.self,
                         .inclusive_samples = seen.inclusive,
                         .self_share = share(seen.self, total),
                         .inclusive_share = share(seen.inclusive, total)});
  }
  std::ranges::stable_sort(functions, [](const FunctionShare& a, const FunctionShare& b) {
    return std::tie(b.self_samples, b.inclusive_samples) < std::tie(a.self_samples, a.inclusive_samples);
  });
  return functions;
}

std::vector<NamedCount> functions_of_other_work(std::span<const Stack> stacks) {
  std::map<std::string, std::uint64_t> samples;
  for (const Stack& stack : stacks) {
    const Classified classified = classify(stack.frames);
    if (classified.work != Work::other) continue;
    samples[stack.frames.empty() ? std::string(unknown_frame) : stack.frames[classified.frame]] += stack.count;
  }
  std::vector<NamedCount> functions;
  for (const auto& [name, count] : samples) functions.push_back({name, count});
  std::ranges::stable_sort(functions, std::greater{}, &NamedCount::samples);
  return functions;
}

std::string folded_frame(std::string_view name) {
  std::string word(name);
  std::ranges::replace_if(
      word, [](char c) { return c == ';' || c == ' ' || c == '\n' || c == '\t' || c == '\r'; }, '_');
  return word;
}

std::string folded(std::span<const Stack> stacks, const std::vector<std::string_view>& roots) {
  std::vector<std::string> words;
  for (const std::string_view root : roots) words.push_back(folded_frame(root));
  const std::string start = fmt::format("{}", fmt::join(words, ";"));
  std::string lines;
  for (const Stack& stack : stacks) {
    lines += start;
    for (std::size_t i = stack.frames.size(); i-- > 0;) lines += ";" + folded_frame(stack.frames[i]);
    lines += fmt::format(" {}\n", stack.count);
  }
  return lines;
}

// ---------------------------------------------------------------------------------------------- the call tree

namespace {

CallNode& callee_of(CallNode& node, std::string_view name) {
  const auto known = std::ranges::find(node.callees, name, &CallNode::name);
  if (known != node.callees.end()) return *known;
  return node.callees.emplace_back(CallNode{.name = std::string(name)});
}

void add_stack(CallNode& root, const Stack& stack, std::size_t depth) {
  CallNode* node = &root;
  node->samples += stack.count;
  const std::size_t shown = std::min(depth, stack.frames.size());
  for (std::size_t i = 0; i < shown; ++i) {
    node = &callee_of(*node, stack.frames[stack.frames.size() - 1 - i]);
    node->samples += stack.count;
  }
  if (shown == stack.frames.size()) node->self_samples += stack.count;
}

void tidy(CallNode& node, double least_samples) {
  std::erase_if(node.callees,
                [&](const CallNode& callee) { return static_cast<double>(callee.samples) < least_samples; });
  std::ranges::stable_sort(node.callees, std::greater{}, &CallNode::samples);
  for (CallNode& callee : node.callees) tidy(callee, least_samples);
}

}  // namespace

CallNode call_tree(std::span<const Stack> stacks, std::string_view name, const CallTreeLimits& limits) {
  CallNode root{.name = std::string(name)};
  for (const Stack& stack : stacks) add_stack(root, stack, limits.depth);
  tidy(root, limits.min_share * static_cast<double>(root.samples));
  return root;
}

// ---------------------------------------------------------------------------------------------- the conclusion

namespace {

constexpr double half = 0.5;

/// No option changes it. Of user code one does where the copies of the strategy are made there.
bool is_beyond_options(Work work, const ProfiledCase& profiled, Role role) {
  if (work == Work::user) return remedy_for(work, profiled, role).empty();
  return work == Work::interrupts || work == Work::other;
}

/// Is it done under the pipe's mutex (pipe_write(), pipe_read(), iter_to_pipe() in fs/)?
bool is_done_under_mutex(Work work) {
  constexpr std::array kinds{Work::copying, Work::page_allocation, Work::page_lookup, Work::page_references,
                             Work::pipe,    Work::accounting};
  return std::ranges::find(kinds, work) != kinds.end();
}

/// Is it for the pipe's mutex that the thread waits, most of the time that it waits?
bool waits_for_mutex(std::span<const Stack> stacks) {
  const auto is_mutex = [](const std::string& frame) { return frame.find("mutex_lock") != std::string::npos; };
  std::uint64_t all = 0;
  std::uint64_t for_mutex = 0;
  for (const Stack& stack : stacks) {
    if (classify(stack.frames).work != Work::waiting) continue;
    all += stack.count;
    if (std::ranges::any_of(stack.frames, is_mutex)) for_mutex += stack.count;
  }
  return 2 * for_mutex > all;
}

std::string capitalized(std::string text) {
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

/// `larger`: the kinds of work that take more, but that no option changes.
std::string share_text(const WorkShare& dominant, std::span<const WorkShare> larger, Role role) {
  const std::string_view name = name_of(dominant.work);
  const double percent = 100 * dominant.share;
  if (dominant.share > half)
    return capitalized(fmt::format("{} takes most of the {}'s time, {:.0f} %.", name, name_of(role), percent));
  std::vector<std::string_view> names;
  for (const WorkShare& kind : larger) names.push_back(name_of(kind.work));
  const std::string before = names.empty() ? "" : fmt::format("after {}, ", fmt::join(names, " and "));
  return capitalized(
      fmt::format("{}{} has the largest share of the {}'s time, {:.0f} %.", before, name, name_of(role), percent));
}

// What the other end, at `role`, does while it holds the mutex. Empty where there are no samples of it.
std::string holder_text(std::span<const Stack> stacks, const ProfiledCase& profiled, Role role) {
  const auto shares = shares_of(stacks);
  const auto largest =
      std::ranges::find_if(shares, [](const WorkShare& kind) { return is_done_under_mutex(kind.work); });
  if (largest == shares.end()) return {};
  std::string text = fmt::format(" What it waits for is, most of all, the {}'s {}, {:.0f} % of that end's time.",
                                 name_of(role), name_of(largest->work), 100 * largest->share);
  const std::string_view remedy = remedy_for(largest->work, profiled, role);
  if (!remedy.empty()) text += fmt::format(" {}", remedy);
  return text;
}

}  // namespace

std::string conclusion_on(std::span<const Stack> stacks, const ProfiledCase& profiled, Role role,
                          std::span<const Stack> other_end) {
  const auto shares = shares_of(stacks);
  const auto dominant = std::ranges::find_if(shares, [&](const WorkShare& kind) {
    return !is_beyond_options(kind.work, profiled, role) || kind.share > half;
  });
  if (dominant == shares.end()) return {};
  std::string text = share_text(*dominant, {shares.begin(), dominant}, role);
  const bool spins = dominant->work == Work::waiting && waits_for_mutex(stacks);
  const std::string_view remedy = remedy_for(spins ? Work::pipe_lock : dominant->work, profiled, role);
  if (!remedy.empty()) text += fmt::format(" {}", remedy);
  return spins ? text + holder_text(other_end, profiled, opposite(role)) : text;
}

void summarize(EndProfile& profile, const ProfiledCase& profiled, Role role, std::span<const Stack> other_end) {
  profile.samples = total_samples(profile.stacks);
  profile.work = shares_of(profile.stacks);
  profile.functions = functions_in(profile.stacks);
  profile.other = functions_of_other_work(profile.stacks);
  profile.conclusion = conclusion_on(profile.stacks, profiled, role, other_end);
}

namespace {

// Samples are taken of the ends' own threads. Empty where no others worked for them.
std::string worker_note(const CaseResult& result, const ProfiledCase& profiled) {
  std::vector<std::string> names;
  for (const Role role : {Role::writer, Role::reader}) {
    const StrategyInfo& strategy = strategy_at(role, profiled);
    if (strategy.kernel_workers) names.emplace_back(strategy.name);
  }
  const auto worked = [](const Sample& sample) { return sample.worker_seconds.value_or(1) > 0; };
  if (names.empty() || std::ranges::none_of(result.samples, worked)) return {};
  return fmt::format("Kernel threads do transfers for {}, and are not sampled: what they do is in no share.",
                     fmt::join(distinct(std::move(names)), " and "));
}

}  // namespace

void summarize_profiles(Document& document, const Catalog& catalog) {
  for (CaseResult& result : document.cases) {
    if (!result.profile) continue;
    const ProfiledCase profiled{.spec = result.spec,
                                .writer = *std::ranges::find(catalog.writers, result.spec.writer, &StrategyInfo::name),
                                .reader = *std::ranges::find(catalog.readers, result.spec.reader, &StrategyInfo::name)};
    summarize(result.profile->writer, profiled, Role::writer, result.profile->reader.stacks);
    summarize(result.profile->reader, profiled, Role::reader, result.profile->writer.stacks);
    if (std::string note = worker_note(result, profiled); !note.empty()) result.notes.push_back(std::move(note));
  }
}

}  // namespace pipebench
