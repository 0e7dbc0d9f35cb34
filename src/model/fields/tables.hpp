// The tables of the results' keys, for who writes and reads JSON.
#pragma once

#include "model/fields/table.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

// Said in several tables.
inline constexpr std::string_view single_stream = "there is a single stream";
inline constexpr std::string_view no_latency = "there is no `--latency`";
inline constexpr std::string_view no_round_trip = "there is no `--message`";
inline constexpr std::string_view no_timed_turns =
    "the isolation is not `none`, or turns took no longer than reading the clock";

template <>
std::span<const Field<Tool>> fields_of<Tool>();
template <>
std::span<const Field<Host>> fields_of<Host>();
template <>
std::span<const Field<Finding>> fields_of<Finding>();
template <>
std::span<const Field<TuningRecord>> fields_of<TuningRecord>();
template <>
std::span<const Field<PlanRecord>> fields_of<PlanRecord>();
template <>
std::span<const Field<CaseSpec>> fields_of<CaseSpec>();
template <>
std::span<const Field<Sampling>> fields_of<Sampling>();
template <>
std::span<const Field<Obtained>> fields_of<Obtained>();
template <>
std::span<const Field<Traits>> fields_of<Traits>();
template <>
std::span<const Field<Verification>> fields_of<Verification>();
template <>
std::span<const Field<EndCounters>> fields_of<EndCounters>();
template <>
std::span<const Field<Turns>> fields_of<Turns>();
template <>
std::span<const Field<Percentiles>> fields_of<Percentiles>();
template <>
std::span<const Field<Conditions>> fields_of<Conditions>();
template <>
std::span<const Field<Sample>> fields_of<Sample>();
template <>
std::span<const Field<ConditionGroup>> fields_of<ConditionGroup>();
template <>
std::span<const Field<Explanation>> fields_of<Explanation>();
template <>
std::span<const Field<Ceilings>> fields_of<Ceilings>();
template <>
std::span<const Field<EndFigures>> fields_of<EndFigures>();
template <>
std::span<const Field<Summary>> fields_of<Summary>();
template <>
std::span<const Field<Stack>> fields_of<Stack>();
template <>
std::span<const Field<WorkShare>> fields_of<WorkShare>();
template <>
std::span<const Field<FunctionShare>> fields_of<FunctionShare>();
template <>
std::span<const Field<NamedCount>> fields_of<NamedCount>();
template <>
std::span<const Field<EndProfile>> fields_of<EndProfile>();
template <>
std::span<const Field<Profile>> fields_of<Profile>();
template <>
std::span<const Field<CaseResult>> fields_of<CaseResult>();

/// Null where none were asked for: most samples have none, and there may be very many.
template <auto member>
constexpr auto percentiles_field(std::string_view key, std::string_view meaning, std::string_view null_when) {
  using Struct = decltype(class_of(member));
  Field<Struct> made = field<member>(key, meaning, null_when);
  made.write = [](const Struct& from) { return (from.*member).count ? encode(from.*member) : Json(nullptr); };
  return made;
}

}  // namespace pipebench
