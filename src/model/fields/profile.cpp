// Where the time of the ends went.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view profile_of_end = "where the end's time went, [below](#end_profile)";

}  // namespace

template <>
std::span<const Field<Stack>> fields_of<Stack>() {
  static constexpr std::array table{
      field<&Stack::frames>("frames",
                            "array: names of functions, from where the thread was to the system call's entry; "
                            "`[user]`: it was in user code, whose functions are not told apart; `[unknown]`: no symbol "
                            "is known for the address"),
      field<&Stack::count>("samples", "in just these functions"),
  };
  return table;
}

template <>
std::span<const Field<WorkShare>> fields_of<WorkShare>() {
  static constexpr std::array table{
      field<&WorkShare::work>("kind", "of work: {words} ([what they are](measuring.md#where-the-time-goes))"),
      field<&WorkShare::samples>("samples", "of this kind"),
      field<&WorkShare::share>("share", "of all samples of the end, 0 to 1"),
  };
  return table;
}

template <>
std::span<const Field<FunctionShare>> fields_of<FunctionShare>() {
  static constexpr std::array table{
      field<&FunctionShare::name>("name", "of the function"),
      field<&FunctionShare::work>("kind", "of work, by the name alone: {words}"),
      field<&FunctionShare::self_samples>("self_samples", "in the function itself"),
      field<&FunctionShare::inclusive_samples>("inclusive_samples", "in it or in what it called"),
      field<&FunctionShare::self_share>("self_share", "of all samples of the end, 0 to 1"),
      field<&FunctionShare::inclusive_share>("inclusive_share", "of all samples of the end, 0 to 1"),
  };
  return table;
}

template <>
std::span<const Field<NamedCount>> fields_of<NamedCount>() {
  static constexpr std::array table{
      field<&NamedCount::name>("name", "of a function whose work is not known"),
      field<&NamedCount::samples>("samples", "that it decided"),
  };
  return table;
}

template <>
std::span<const Field<EndProfile>> fields_of<EndProfile>() {
  static constexpr std::array table{
      field<&EndProfile::samples>("samples", "that were taken, over all rounds and streams"),
      field<&EndProfile::lost>(
          "lost", "for which there was no room",
          "the kernel does not tell: before Linux 6.0, and whose samples they were where a whole CPU was sampled"),
      field<&EndProfile::throttled>("throttled", "times that the kernel paused sampling because it took too long"),
      field<&EndProfile::missing>("missing", "why threads of this end could not be sampled, as in `obstacles`",
                                  "all were"),
      field<&EndProfile::work>("work", "array: what share went to which kind of work, [below](#work)"),
      field<&EndProfile::functions>("functions", "array: what share went to which function, [below](#functions)"),
      field<&EndProfile::other>("other", "array: the functions behind the kind `other`, [below](#other)"),
      field<&EndProfile::conclusion>("conclusion", "what dominates, and which option addresses it",
                                     "there are no samples, or nothing dominates"),
      field<&EndProfile::stacks>("stacks", "array: the samples by call chain, [below](#stacks)"),
  };
  return table;
}

template <>
std::span<const Field<Profile>> fields_of<Profile>() {
  static constexpr std::array table{
      field<&Profile::event>("event", "what was sampled: `cycles`, or `cpu-clock` where there is no PMU",
                             "nothing could be sampled"),
      field<&Profile::event_scope>("event_scope", "whose event that was: {meanings}",
                                   "nothing could be sampled, or the file is of an earlier version"),
      field<&Profile::frequency_hz>("frequency_hz", "samples a second of each thread that the kernel agreed to"),
      field<&Profile::obstacles>("obstacles",
                                 "array: why samples, or names of functions, are missing, as [findings](#findings)"),
      field<&Profile::writer>("writer", profile_of_end),
      field<&Profile::reader>("reader", profile_of_end),
  };
  return table;
}

}  // namespace pipebench
