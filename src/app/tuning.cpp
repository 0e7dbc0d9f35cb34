#include "app/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/goals.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/report/recipe.hpp"

namespace pipebench {
namespace {

// ---------------------------------------------------------------------------------------------- what is searched

bool has_need(const std::vector<Need>& needs, Need need) { return std::ranges::find(needs, need) != needs.end(); }

// Why a value contradicts a need, as a clause; empty: it does not.
std::string_view why_not_wait(const std::vector<Need>& needs, Wait wait) {
  const bool sleeps = wait == Wait::block || wait == Wait::poll;
  return has_need(needs, Need::no_spin) && !sleeps ? "no-spin wants ends that sleep while they wait" : "";
}
std::string_view why_not_writer(const std::vector<Need>& needs, const StrategyInfo& writer) {
  return has_need(needs, Need::fresh) && writer.replay ? "fresh wants new bytes, and it sends the same ones again" : "";
}
std::string_view why_not_reader(const std::vector<Need>& needs, const StrategyInfo& reader) {
  return has_need(needs, Need::bytes) && !reader.sees_bytes ? "bytes wants a reader that gets to see them" : "";
}
std::string_view why_not_payload(const std::vector<Need>& needs, Payload payload) {
  return has_need(needs, Need::fresh) && payload != Payload::fresh ? "fresh wants every byte rewritten" : "";
}

// Every value of a list that was given has to fit.
void refuse_contradictions(const OptionTexts& given, std::string_view option, const auto& why_not_named) {
  const auto at = given.find(option);
  if (at == given.end()) return;
  for (const Setting& setting : at->second) {
    for (const std::string& value : split(setting.text, ',')) {
      const std::string_view why_not = why_not_named(value);
      if (!why_not.empty())
        throw UsageError(fmt::format("{}: '{}' contradicts --need: {}.", setting.origin, value, why_not));
    }
  }
}

// Turn by turn there are prices, and nobody waits.
void refuse_turns(const OptionTexts& given) {
  const auto at = given.find(axis_names::isolation);
  if (at == given.end()) return;
  for (const Setting& setting : at->second) {
    for (const std::string& value : split(setting.text, ',')) {
      if (value == name_of(Isolation::none) || value == "all")
        throw UsageError(
            fmt::format("{}: '{}' cannot be searched, as both ends have to run at once; use threads or "
                        "processes.",
                        setting.origin, value));
    }
  }
}

// Of a list of strategies.
auto why_not_strategy(const std::vector<StrategyInfo>& strategies, const std::vector<Need>& needs, auto why_not) {
  return [&strategies, &needs, why_not](const std::string& name) -> std::string_view {
    for (const StrategyInfo& info : strategies) {
      if (name != info.name && name != "all") continue;
      if (const std::string_view reason = why_not(needs, info); !reason.empty()) return reason;
    }
    return {};
  };
}

template <class E>
auto why_not_word(const std::vector<Need>& needs, std::string_view (*why_not)(const std::vector<Need>&, E)) {
  return [&needs, why_not](const std::string& name) -> std::string_view {
    for (const Named<E>& entry : names<E>) {
      if (name != entry.name && name != "all") continue;
      if (const std::string_view reason = why_not(needs, entry.value); !reason.empty()) return reason;
    }
    return {};
  };
}

std::string strategies_to_search(const std::vector<StrategyInfo>& strategies, const std::vector<Need>& needs,
                                 auto why_not) {
  std::vector<std::string_view> some;
  for (const StrategyInfo& info : strategies) {
    if (info.recipe.exists() && why_not(needs, info).empty()) some.push_back(info.name);
  }
  return joined(some, ",");
}

std::string waits_to_search(const std::vector<Need>& needs) {
  std::vector<std::string_view> some;
  for (const Named<Wait>& wait : names<Wait>) {
    if (wait.value != Wait::credit && why_not_wait(needs, wait.value).empty()) some.push_back(wait.name);
  }
  return joined(some, ",");
}

std::string pipes_to_search(std::uint64_t most) {
  std::string list = "auto";
  for (const std::uint64_t bytes : {std::uint64_t{64} << 10U, std::uint64_t{256} << 10U}) {
    if (bytes <= most) list += "," + format_size(bytes);
  }
  return list;
}

// ---------------------------------------------------------------------------------------------- the space

Trial trial_of(std::string_view option) {
  if (option == axis_names::buffer_size || option == axis_names::buffers) return Trial::by_steps;
  if (option == axis_names::pages || option == axis_names::pipe_size) return Trial::freely;
  return Trial::all;
}

// Values of an axis in order: by size where they are tried by steps, else as the plan has them.
std::vector<std::string> values_of(std::span<const CaseResult> cases, std::size_t axis, Trial trial) {
  std::vector<std::string> values;
  for (const CaseResult& result : cases) {
    const std::string& value = result.varied[axis].second;
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  if (trial == Trial::by_steps)
    std::ranges::sort(values, {}, [](const std::string& value) { return parse_size(value, ""); });
  return values;
}

// What `run` does without the option, where that is among them; else the middle one.
unsigned usual_place(const std::vector<std::string>& values, std::string_view option) {
  const auto axis = std::ranges::find(axes(), option, &Axis::name);
  const auto at = std::ranges::find(values, axis == axes().end() ? "" : axis->fallback);
  return static_cast<unsigned>(at == values.end() ? std::ssize(values) / 2 : at - values.begin());
}

}  // namespace

std::vector<std::pair<std::string_view, std::string>> lists_to_search(const Catalog& catalog,
                                                                      const std::vector<Need>& needs,
                                                                      std::uint64_t largest_pipe) {
  return {{axis_names::writer, strategies_to_search(catalog.writers, needs, why_not_writer)},
          {axis_names::reader, strategies_to_search(catalog.readers, needs, why_not_reader)},
          {axis_names::wait, waits_to_search(needs)},
          {axis_names::pages, "4k,thp"},
          {axis_names::buffer_size, "4K..1M"},
          {axis_names::buffers, "1,2,4"},
          {axis_names::pipe_size, pipes_to_search(largest_pipe)},
          {axis_names::contiguous, "on"}};  // as the C has them
}

OptionTexts tune_defaults(const OptionTexts& given, const Catalog& catalog, const Machine& machine) {
  const std::vector<Need> needs = settings_of(given).tuning.value_or(TuningRecord{}).needs;
  refuse_contradictions(given, axis_names::writer, why_not_strategy(catalog.writers, needs, why_not_writer));
  refuse_contradictions(given, axis_names::reader, why_not_strategy(catalog.readers, needs, why_not_reader));
  refuse_contradictions(given, axis_names::wait, why_not_word(needs, why_not_wait));
  refuse_contradictions(given, axis_names::payload, why_not_word(needs, why_not_payload));
  refuse_turns(given);
  OptionTexts options;
  const auto add = [&](std::string_view name, std::string text) {
    options[std::string(name)] = {{.text = std::move(text), .origin = "tune"}};
  };
  for (auto& [name, list] : lists_to_search(catalog, needs, machine.pipe_limit_bytes)) add(name, std::move(list));
  if (has_need(needs, Need::fresh)) add(axis_names::payload, std::string(name_of(Payload::fresh)));
  for (const auto& [name, text] : tune_sampling) add(name, std::string(text));
  return options;
}

void Candidates::take(CaseResult result) {
  if (result.status == Status::skipped || !result.traits.safe) {
    if (why_not_.empty())
      why_not_ = result.status == Status::skipped ? result.reason : "A writer would overwrite what is not read yet.";
    if (why_not_ == result.reason && result.obstacle == ObstacleKind::memory)
      why_not_ += " (--max-memory, where it is given, is all that counts as available.)";
    return;
  }
  // `--pipe-size auto` may come to another size of the list.
  std::string key = fmt::format("{}-{} {}", result.spec.writer, result.spec.reader, *result.spec.pipe_bytes);
  for (const auto& [option, value] : result.varied) {
    if (option != axis_names::pipe_size) key += ' ' + value;
  }
  if (!known_.insert(std::move(key)).second) return;
  result.notes.clear();  // about options that were not asked for
  kept_.push_back(std::move(result));
}

std::vector<CaseResult> Candidates::all() {
  if (kept_.empty())
    throw UsageError(
        fmt::format("No case that may be searched meets all of this. The first that does not: {}", why_not_));
  return std::move(kept_);
}

SearchSpace search_space(std::span<const CaseResult> cases) {
  SearchSpace space{.axes = {}, .places = std::vector<std::vector<unsigned>>(cases.size())};
  if (cases.empty()) return space;
  for (std::size_t axis = 0; axis < cases.front().varied.size(); ++axis) {
    const std::string& option = cases.front().varied[axis].first;
    const Trial trial = trial_of(option);
    const std::vector<std::string> values = values_of(cases, axis, trial);
    space.axes.push_back({.trial = trial, .usual = usual_place(values, option)});
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const auto at = std::ranges::find(values, cases[i].varied[axis].second);
      space.places[i].push_back(static_cast<unsigned>(at - values.begin()));
    }
  }
  return space;
}

NextCases search_through(Document& document, std::function<double()> seconds) {
  const auto search = std::make_shared<Search>(
      search_space(document.cases),
      SearchLimits{.budget_seconds = *document.plan.goals.budget_seconds, .seed = document.plan.seed});
  return [&document, search, seconds = std::move(seconds)](std::span<CaseResult> cases, unsigned) {
    const double now = seconds();
    std::vector<std::size_t> next = search->next(expected_cases(cases, now), now);
    record(search->result(), cases, *document.plan.tuning);
    return next;
  };
}

void end_search(Document& document, const Catalog& catalog, const PageSizes& sizes) {
  TuningRecord& tuning = *document.plan.tuning;
  document.cases = ranked(std::move(document.cases), tuning);
  document.plan.cases = document.cases.size();
  tuning.tried = document.cases.size();
  if (document.cases.empty() || document.cases.front().samples.empty()) return;
  const CaseResult& fastest = document.cases.front();
  tuning.fastest = document.plan.baseline = fastest.name;
  const auto find = [](const std::vector<StrategyInfo>& infos, const std::string& name) -> const StrategyInfo& {
    return *std::ranges::find(infos, name, &StrategyInfo::name);
  };
  const StrategyInfo& writer = find(catalog.writers, fastest.spec.writer);
  const StrategyInfo& reader = find(catalog.readers, fastest.spec.reader);
  tuning.no_code = why_no_code(writer, reader, fastest.spec);
  if (!tuning.no_code.empty()) return;
  tuning.code = with_head(writer_code(writer, fastest.spec, sizes) + '\n' + reader_code(reader, fastest.spec, sizes));
}

}  // namespace pipebench
