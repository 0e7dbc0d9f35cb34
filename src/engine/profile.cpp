#include "engine/profile.hpp"

#include <algorithm>
#include <map>

namespace pipebench {
namespace {

void add_stacks(std::vector<Stack>& stacks, const std::vector<Stack>& more) {
  std::map<std::vector<std::string>, std::uint64_t> counts;
  for (const std::vector<Stack>* list : {&std::as_const(stacks), &more}) {
    for (const Stack& stack : *list) counts[stack.frames] += stack.count;
  }
  stacks.clear();
  for (const auto& [frames, count] : counts) stacks.push_back({.frames = frames, .count = count});
  std::ranges::stable_sort(stacks, std::greater{}, &Stack::count);
}

void add_end(EndProfile& sum, const EndProfile& more) {
  sum.lost = sum.lost && more.lost ? std::optional(*sum.lost + *more.lost) : std::nullopt;
  sum.throttled += more.throttled;
  if (sum.missing.empty()) sum.missing = more.missing;
  add_stacks(sum.stacks, more.stacks);
}

void add_scope(Profile& profile, EventScope more) {
  profile.event_scope = profile.event_scope.value_or(more) == more ? more : EventScope::mixed;
}

// One for each cause.
void add_obstacle(Profile& profile, const Finding& obstacle) {
  if (std::ranges::find(profile.obstacles, obstacle.what, &Finding::what) == profile.obstacles.end())
    profile.obstacles.push_back(obstacle);
}

void add_report(Profile& profile, const EndReport& report, const KernelSymbols& symbols) {
  if (!report.stacks) return;
  const StackRecord& record = *report.stacks;
  EndProfile& end = report.role == Role::writer ? profile.writer : profile.reader;
  if (record.obstacle) add_obstacle(profile, *record.obstacle);
  if (symbols.finding()) add_obstacle(profile, *symbols.finding());
  if (record.obstacle) {
    add_end(end, {.missing = record.obstacle->what});
    return;
  }
  profile.event = record.event;
  profile.frequency_hz = record.frequency_hz;
  add_scope(profile, record.scope);
  add_end(end, {.lost = record.samples.is_damaged ? std::nullopt : record.samples.lost,
                .throttled = record.samples.throttled,
                .stacks = named_stacks(record.samples, symbols)});
}

}  // namespace

Profile profile_of(const Run& run, const KernelSymbols& symbols) {
  Profile profile;
  for (const std::vector<EndReport>* ends : {&run.writers, &run.readers}) {
    for (const EndReport& end : *ends) add_report(profile, end, symbols);
  }
  if (run.writers.empty()) profile.writer.missing = "The writer is another program, which is not sampled.";
  if (run.readers.empty()) profile.reader.missing = "The reader is another program, which is not sampled.";
  return profile;
}

void add_profile(Profile& sum, const Profile& more) {
  if (!more.event.empty()) sum.event = more.event;
  if (more.event_scope) add_scope(sum, *more.event_scope);
  sum.frequency_hz = std::max(sum.frequency_hz, more.frequency_hz);
  for (const Finding& obstacle : more.obstacles) add_obstacle(sum, obstacle);
  add_end(sum.writer, more.writer);
  add_end(sum.reader, more.reader);
}

}  // namespace pipebench
