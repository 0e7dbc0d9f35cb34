// What limits a case, measured in the same run (--ceilings). Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "pipebench/base/named.hpp"

namespace pipebench {

/// What a case cannot be faster than.
enum class Ceiling : std::uint8_t { copies, slots };
template <>
inline constexpr std::array<Named<Ceiling>, 2> names<Ceiling>{{
    {Ceiling::copies, "copies", "`copy_gib_per_second` × `copies_at_once` / `serial_copies`"},
    {Ceiling::slots, "slots",
     "pages at what the two calls cost alone, one after the other, but for entering and leaving the kernel, or, with "
     "`stripe` > 1, at what the slower one costs; where ends or streams share CPUs, no faster than `writer_cpus`, "
     "`reader_cpus` and `cpus` have time for"},
}};

/// An empty value could not be had.
struct Ceilings {
  /// Of one core, the faster of the two ends', with buffers as the case has them.
  std::optional<double> read_gib_per_second = {}, copy_gib_per_second = {};
  std::optional<double> system_call_ns = {};    ///< a call that does nothing, likewise
  std::optional<double> handover_ns = {};       ///< median of the readings beside the case's samples
  unsigned serial_copies = 0;                   ///< copies per byte of which none can be made while another one is
  unsigned copies_at_once = 1;                  ///< how many bytes can be in such copies at a time, of all streams
  unsigned writer_cpus = 1, reader_cpus = 1;    ///< different CPUs that the writers, the readers of all streams have
  unsigned cpus = 2;                            ///< and both together
  std::string alone_case = {}, null_case = {};  ///< names of the cases that were measured for this one; may be empty
  /// What the calls cost in one thread, turn by turn, per 4 KiB.
  std::optional<double> alone_writer_ns_per_page = {}, alone_reader_ns_per_page = {};
  std::optional<double> null_gib_per_second = {};  ///< the same loops, without a pipe
  std::optional<Ceiling> applies = {};
  std::optional<double> gib_per_second = {};  ///< the value of that one, for all streams together
  std::optional<double> share = {};           ///< the case's speed relative to it: 1 is all of it
};

}  // namespace pipebench
