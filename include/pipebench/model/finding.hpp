// What was found out about the machine, and bears on the results.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pipebench/base/named.hpp"

namespace pipebench {

enum class Severity : std::uint8_t { note, warning, blocker };
template <>
inline constexpr std::array<Named<Severity>, 3> names<Severity>{{
    {Severity::note, "note", "something is not known, or good to know"},
    {Severity::warning, "warning", "results are less trustworthy"},
    {Severity::blocker, "blocker", "something cannot be had or cannot run"},
}};

struct Finding {
  Severity severity = Severity::note;
  std::vector<std::string> figures = {};  ///< keys of the results that are null or unknown because of it
  std::string about = {};                 ///< a word or two; empty: the first of `figures`
  std::string what;                       ///< a sentence
  std::string why = {};                   ///< why that matters, a sentence; empty: `what` says it
  std::string mend = {};                  ///< a whole command for the shell of root; empty: there is none
  std::string advice = {};                ///< what helps, a sentence, where no command does, or none does all of it
};

/// For people: "governor: FILE is not there. The policy of the clock speed is unknown." Advice follows, and a command
/// to mend it stands at the end: "As root: `COMMAND`".
[[nodiscard]] std::string sentence_of(const Finding& finding);

}  // namespace pipebench
