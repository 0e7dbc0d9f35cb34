// A case: what it was to be, what became of it, and what limits it.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view wrong_bytes =
    "those 8 bytes as a number of 64 bits, in this machine's byte order. Some JSON readers round numbers above 2⁵³; "
    "`reason` has them in hexadecimal";
constexpr std::string_view not_torn = "not `torn`";
constexpr std::string_view all_nodes =
    "array: NUMA nodes that hold the buffers, of all streams; of long buffers 1024 pages are looked up. Empty: the end "
    "has no buffers, they were not touched, or the kernel does not tell";
constexpr std::string_view one_node = "NUMA node that holds all of the end's buffers";
constexpr std::string_view no_single_node = "they are on several nodes, or `writer_nodes`, `reader_nodes` is empty";
constexpr std::string_view no_ceiling =
    "what it is made of could not be had, or the case is the price of its calls itself";
constexpr std::string_view no_core_ceiling = "there was no memory, or the CPU was not to be had";

/// The node that holds all of something; null when there are several, or none.
Json only_node(const std::vector<int>& nodes) { return nodes.size() == 1 ? Json(nodes[0]) : Json(nullptr); }

Json varied_object(const CaseResult& result) {
  Json object = Json::object();
  for (const auto& [option, value] : result.varied) object[option] = value;
  return object;
}

void read_varied(CaseResult& result, const Json& json, Reading& reading) {
  if (!json.is_object()) reading.refuse(json, "an object");
  for (const auto& [option, value] : json.items()) {
    const Reading::Step here(reading, option);
    decode(value, result.varied.emplace_back(option, "").second, reading);
  }
}

}  // namespace

template <>
std::span<const Field<Obtained>> fields_of<Obtained>() {
  static constexpr std::array table{
      field<&Obtained::pipe_bytes>(
          "pipe_bytes",
          "real capacity of a pipe, as F_GETPIPE_SZ tells it; of sockets, half of SO_SNDBUF. A slot counts as an "
          "ordinary page here; one of `skb` pages holds 32 KiB"),
      field<&Obtained::pages>(
          "pages",
          "the writer's page kind, or the reader's when the writer has none, from /proc/self/smaps. {meanings}",
          "neither end has buffers"),
      derived<Obtained>(
          "writer_node", one_node, [](const Obtained& from) { return only_node(from.writer_nodes); }, no_single_node),
      derived<Obtained>(
          "reader_node", one_node, [](const Obtained& from) { return only_node(from.reader_nodes); }, no_single_node),
      field<&Obtained::writer_nodes>("writer_nodes", all_nodes),
      field<&Obtained::reader_nodes>("reader_nodes", all_nodes),
  };
  return table;
}

template <>
std::span<const Field<Traits>> fields_of<Traits>() {
  static constexpr std::array table{
      field<&Traits::copies>("copies",
                             "copies of each byte that the strategies make, both ends together: 0, 1, 2; `relay` makes "
                             "one more where `consume` looks at the bytes"),
      Field<Traits>{"payload",
                    "`fresh`: a program could send new bytes each time; `replay`: the same bytes go by again (`tee`, "
                    "`skb` pages). Whether this case did send new ones is in `spec.payload`",
                    "", [](const Traits& from) { return Json(from.replay ? "replay" : "fresh"); },
                    [](Traits& to, const Json& json, Reading& reading) {
                      if (json != "replay" && json != "fresh") reading.refuse(json, "\"fresh\" or \"replay\"");
                      to.replay = json == "replay";
                    }},
      field<&Traits::touched>(
          "touched",
          "whose CPU loads or stores every byte, in user space or in the kernel (copying, clearing): {words}; "
          "`payload` = `fresh` and `consume` = `checksum` count, `stamped` does not"),
      field<&Traits::safe>("safe",
                           "`false`: a writer that put new bytes into its buffers could overwrite what the reader has "
                           "not seen yet ([why](kernel.md#when-a-buffer-may-be-written-again))"),
      field<&Traits::transport>("transport", "what the bytes go through: {meanings}"),
      field<&Traits::moves_bytes>("moves_bytes", "`false`: nothing goes through a pipe (`null`)"),
  };
  return table;
}

template <>
std::span<const Field<Verification>> fields_of<Verification>() {
  static constexpr std::array table{
      field<&Verification::outcome>("outcome", "{words}"),
      field<&Verification::reason>(
          "reason",
          "a sentence: where it was torn, why it is not applicable, or that time ran out before everything was checked",
          "`intact`, and everything was checked"),
      field<&Verification::zero_copy>("zero_copy",
                                      "a change of the buffer after sending reaches the reader: the writer's pages "
                                      "were passed on, not copied",
                                      "that cannot be tested"),
      field<&Verification::bytes>("bytes", "how many were checked; 0 when not applicable, or not yet verified"),
      field<&Verification::offset>("offset", "in the stream, of the first wrong 8 bytes (a multiple of 8)", not_torn),
      field<&Verification::expected>("expected", wrong_bytes, not_torn),
      field<&Verification::found>("found", wrong_bytes, not_torn),
  };
  return table;
}

template <>
std::span<const Field<Ceilings>> fields_of<Ceilings>() {
  static constexpr std::array table{
      field<&Ceilings::applies>("applies", "what the case is a share of: {meanings}", no_ceiling),
      field<&Ceilings::gib_per_second>("gib_per_second", "that ceiling, of all streams together", no_ceiling),
      field<&Ceilings::share>("share", "the case's speed relative to it, 0 to 1; above 1 the ceiling is none",
                              no_ceiling),
      field<&Ceilings::serial_copies>("serial_copies",
                                      "copies of each byte of which none can be made while another one is: those of "
                                      "one end, or those of both that are made under the lock of one pipe or on one "
                                      "CPU"),
      field<&Ceilings::copies_at_once>("copies_at_once",
                                       "how many bytes can be copied so at a time: one for each stream, or, where "
                                       "streams share CPUs, for each CPU that copies"),
      field<&Ceilings::writer_cpus>("writer_cpus", "different CPUs that the writers of all streams have"),
      field<&Ceilings::reader_cpus>("reader_cpus", "likewise, the readers"),
      field<&Ceilings::cpus>("cpus", "likewise, all ends"),
      field<&Ceilings::copy_gib_per_second>("copy_gib_per_second",
                                            "how fast one core copies with memcpy(3), the faster of the two ends' "
                                            "cores: buffers as the case has them, in turn, into one more",
                                            no_core_ceiling),
      field<&Ceilings::read_gib_per_second>("read_gib_per_second", "how fast it reads them, with memchr(3)",
                                            no_core_ceiling),
      field<&Ceilings::system_call_ns>("system_call_ns", "a system call that does nothing, getppid(2)",
                                       no_core_ceiling),
      field<&Ceilings::handover_ns>(
          "handover_ns", "median of `handover_ns_before`, `handover_ns_after` of the case's samples", "they have none"),
      field<&Ceilings::alone_case>("alone_case",
                                   "name of the case that has both ends in one thread, turn by turn; a case that has "
                                   "them itself names itself"),
      field<&Ceilings::alone_writer_ns_per_page>("alone_writer_ns_per_page", "`writer_ns_per_page` of that case",
                                                 "it could not be measured"),
      field<&Ceilings::alone_reader_ns_per_page>("alone_reader_ns_per_page", "`reader_ns_per_page` of that case",
                                                 "it could not be measured"),
      field<&Ceilings::null_case>("null_case", "name of the case that has the same loops and buffers without a pipe"),
      field<&Ceilings::null_gib_per_second>("null_gib_per_second", "`median_gib_per_second` of that case",
                                            "it could not be measured"),
  };
  return table;
}

template <>
std::span<const Field<CaseResult>> fields_of<CaseResult>() {
  static constexpr std::array table{
      field<&CaseResult::name>("name", "unique in the file"),
      field<&CaseResult::section>("section", "of the config that it comes from",
                                  "it comes from the command line alone"),
      Field<CaseResult>{"varied",
                        "object: the options that vary in its section, and their values for this case, as they are "
                        "typed",
                        "", varied_object, read_varied},
      field<&CaseResult::spec>("spec", "what is measured, [below](#spec)"),
      field<&CaseResult::sampling>("sampling", "how it is sampled, [below](#sampling)"),
      field<&CaseResult::status>("status", "{meanings}"),
      field<&CaseResult::reason>(
          "reason",
          "a sentence: why it failed or was skipped, or how many rounds it has, of how many, and what ended them",
          "the status is `ok`, or `planned` in a dry run"),
      field<&CaseResult::obstacle>("reason_kind", "what is in the way of a case that was not measured: {meanings}",
                                   "it was measured, or is to be"),
      field<&CaseResult::obtained>("obtained", "what the machine really gave, [below](#obtained)",
                                   "nothing was measured"),
      field<&CaseResult::traits>("traits", "what the strategies do with the bytes, [below](#traits)"),
      field<&CaseResult::verify>("verify", "what `--verify` found, [below](#verify)",
                                 "it was not asked for, or did not finish"),
      field<&CaseResult::samples>("samples", "array, [below](#samples); empty when nothing was measured"),
      field<&CaseResult::counting>("counting",
                                   "a sample of its own in which hardware events were counted, as those in `samples`: "
                                   "counting slows ends that sleep. It is not in the summary, but for what the events "
                                   "tell",
                                   "`sampling.hardware_events` is `true`, or the events could not be counted"),
      field<&CaseResult::summary>("summary", "statistics over the samples, [below](#summary)", "there are no samples"),
      field<&CaseResult::ceilings>("ceilings", "what limits the case, [below](#ceilings)",
                                   "no `--ceilings`, or the case moves nothing or is one of those below"),
      field<&CaseResult::only_for_ceilings>("only_for_ceilings",
                                            "`true`: the case is not one of the plan's own; `--ceilings` measures it "
                                            "for others, in whose `ceilings` its figures "
                                            "are"),
      field<&CaseResult::profile>("profile", "what `pipebench profile` found, [below](#profile)",
                                  "`sampling.profile_hz` is null, or nothing was measured"),
      field<&CaseResult::notes>("notes",
                                "array of sentences that qualify the figure, such as which page kind was asked for "
                                "but not obtained"),
  };
  return table;
}

}  // namespace pipebench
