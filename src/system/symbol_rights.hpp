// Who may see the addresses in /proc/kallsyms: kallsyms_show_value() in kernel/kallsyms.c.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

namespace pipebench {

struct HiddenSymbols {
  std::string cause;  ///< a sentence
  std::string mend;   ///< a whole command for the shell of root
};

/// Why the sysctls kernel.kptr_restrict and kernel.perf_event_paranoid hide addresses from this user, who may or may
/// not have CAP_SYSLOG; empty where they do not.
[[nodiscard]] inline std::optional<HiddenSymbols> hidden_symbols(std::uint64_t restricted, std::int64_t paranoid,
                                                                 bool has_syslog) {
  const bool hidden_by_perf = paranoid > 1 && !has_syslog;
  if (restricted == 0 && hidden_by_perf)
    return HiddenSymbols{
        .cause = fmt::format(
            "The sysctl kernel.perf_event_paranoid is {}, which hides them from users without CAP_SYSLOG.", paranoid),
        .mend = "sysctl -w kernel.perf_event_paranoid=1"};
  if (restricted == 0 || (restricted == 1 && has_syslog)) return std::nullopt;
  return HiddenSymbols{
      .cause = restricted == 1 ? "The sysctl kernel.kptr_restrict is 1, which hides them from users without CAP_SYSLOG."
                               : fmt::format("The sysctl kernel.kptr_restrict is {}.", restricted),
      .mend = fmt::format("sysctl -w kernel.kptr_restrict=0{}", hidden_by_perf ? " kernel.perf_event_paranoid=1" : "")};
}

}  // namespace pipebench
