// What a case measures, and how it is sampled.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

constexpr std::string_view unpinned = "not pinned, or another program's (`stdin`, `stdout`)";
constexpr std::string_view strategy_names = "names of the strategies";
constexpr std::string_view os_numbers = "OS numbers";
constexpr std::string_view booleans = "booleans";
constexpr std::string_view uring_booleans = "booleans; `false` where neither end is by io_uring";
constexpr std::string_view threads = "threads (with `--isolation processes`: processes) at this end of each stream";

Json stream_cpus(const CaseSpec& spec) {
  Json cpus = Json::array();
  for (std::size_t i = 0; i < spec.placement_count(); ++i) {
    const Placement& placement = spec.placement_at(i);
    cpus.push_back(Json::array({encode(placement.writer_cpu), encode(placement.reader_cpu)}));
  }
  return cpus;
}

/// The first stream's are in keys of their own.
void read_stream_cpus(CaseSpec& spec, const Json& json, Reading& reading) {
  std::vector<std::vector<std::optional<int>>> cpus;
  decode(json, cpus, reading);
  if (cpus.empty() || std::ranges::any_of(cpus, [](const auto& pair) { return pair.size() != 2; }))
    reading.refuse(json, "a list of pairs of CPUs");
  spec.further_placements.clear();
  for (std::size_t i = 1; i < cpus.size(); ++i)
    spec.further_placements.push_back(
        {.writer_cpu = cpus[i][0], .reader_cpu = cpus[i][1], .relation = spec.placement.relation});
}

void read_membind(CaseSpec& spec, const Json& json, Reading& reading) {
  std::string text;
  decode(json, text, reading);
  if (!set_membind(spec, text)) reading.refuse(json, "a memory binding");
}

// How the bytes are moved.
constexpr std::array transfer_fields{
    field<&CaseSpec::writer>("writer", strategy_names),
    field<&CaseSpec::reader>("reader", strategy_names),
    field<&CaseSpec::wait>("wait",
                           "what an end does when its call would block: {words}; always `busy` with `--isolation "
                           "none`, whose calls do not block, and never would have to"),
    field<&CaseSpec::pages>(
        "pages", "kind of pages asked for: {words}. `4k` are ordinary ones, whatever their size on this machine"),
    field<&CaseSpec::buffer_bytes>("buffer_bytes", "size of one buffer; also what the reader asks for in one call"),
    field<&CaseSpec::buffers>("buffers", "how many the writer sends in turn, on each pipe"),
    field<&CaseSpec::pipe_bytes>("pipe_bytes",
                                 "capacity of each pipe: `auto` resolved, other sizes rounded up as the kernel does "
                                 "(a page at least, a power of two); sizes that come to the same are one case"),
};

// Where the ends run, and how many there are.
constexpr std::array place_fields{
    field<&CaseSpec::placement, &Placement::writer_cpu>("writer_cpu", os_numbers, unpinned),
    field<&CaseSpec::placement, &Placement::reader_cpu>("reader_cpu", os_numbers, unpinned),
    field<&CaseSpec::placement, &Placement::relation>("relation",
                                                      "how near the two CPUs are, nearest first: {meanings}", unpinned),
    field<&CaseSpec::streams>("streams", "pairs of a writer and a reader, each with pipes of its own, side by side"),
    Field<CaseSpec>{
        "stream_cpus",
        "array of [writer's CPU, reader's CPU] of each stream; `writer_cpu` and `reader_cpu` are those "
        "of the first. The numbers are `null` where a stream is not pinned. A stream whose ends have several threads "
        "has a pair for each of them; `null` is the CPU of a thread that the other end has one more of",
        "", stream_cpus, read_stream_cpus},
    field<&CaseSpec::stripe>("stripe", "pipes that the two ends use in turn, buffer by buffer"),
    field<&CaseSpec::writer_threads>("writer_threads", threads),
    field<&CaseSpec::reader_threads>("reader_threads", threads),
    field<&CaseSpec::isolation>("isolation",
                                "where the ends of a stream run: {meanings}; with `none`, on the writer's CPU"),
    Field<CaseSpec>{"membind", "where memory is to come from: {meanings}", "",
                    [](const CaseSpec& from) { return Json(membind_text(from)); }, read_membind, words_of<Membind>},
};

// What the ends do with the bytes, and the switches.
constexpr std::array content_fields{
    field<&CaseSpec::payload>("payload", "what the producer does with a buffer before it sends it: {meanings}"),
    field<&CaseSpec::consume>("consume", "what the consumer does with the bytes: {meanings}"),
    field<&CaseSpec::gift>("gift", booleans),
    field<&CaseSpec::contiguous>("contiguous", booleans),
    field<&CaseSpec::no_touch>("no_touch", booleans),
    field<&CaseSpec::lock>("lock", booleans),
    Field<CaseSpec>{"exec", "the command that is started as writer `stdin` or reader `stdout`", "there is none",
                    [](const CaseSpec& from) { return from.starts_program() ? Json(from.exec) : Json(nullptr); },
                    [](CaseSpec& to, const Json& json, Reading& reading) {
                      if (!json.is_null()) decode(json, to.exec, reading);
                    }},
    field<&CaseSpec::depth>("depth",
                            "buffers that an end by io_uring keeps under way, a chain of linked requests; 1 where "
                            "neither end is one"),
    field<&CaseSpec::sqpoll>("sqpoll", uring_booleans),
    field<&CaseSpec::registered>("registered", uring_booleans),
    field<&CaseSpec::latency>("latency",
                              "`true`: how long bytes stay in the pipe is measured, too, which costs a reading of the "
                              "clock for each call"),
    field<&CaseSpec::message_bytes>("message_bytes",
                                    "size of the messages of a ping-pong, each of which is a buffer that the reader "
                                    "sends back through a second pipe; `bytes` and speeds are of one way",
                                    "nothing is sent back"),
};

}  // namespace

template <>
std::span<const Field<CaseSpec>> fields_of<CaseSpec>() {
  static constexpr auto table = joined(transfer_fields, place_fields, content_fields);
  return table;
}

template <>
std::span<const Field<Sampling>> fields_of<Sampling>() {
  static constexpr std::array table{
      Field<Sampling>{"time_seconds", "length of a sample",
                      "it is measured by bytes, or to the end of what another program sends",
                      [](const Sampling& from) {
                        return from.bytes || from.to_end_of_input ? Json(nullptr) : encode(from.time_seconds);
                      },
                      [](Sampling& to, const Json& json, Reading& reading) { decode(json, to.time_seconds, reading); }},
      field<&Sampling::bytes>("bytes", "length of a sample in bytes of each stream", "it is measured by time"),
      field<&Sampling::warmup_seconds>("warmup_seconds", "unmeasured time before each sample"),
      field<&Sampling::rounds>("rounds", "number of samples planned"),
      field<&Sampling::timeout_seconds>("timeout_seconds", "a sample that moves nothing for this long is ended"),
      field<&Sampling::strict>("strict", "not obtaining what was asked for fails the case (`--strict`)"),
      field<&Sampling::verify>("verify", "what arrives is checked before timing (`--verify`)"),
      field<&Sampling::counters>("counters", "`false` with `--counters off`"),
      field<&Sampling::hardware_events>("hardware_events",
                                        "hardware events were counted in every sample; where they can be had and this "
                                        "is `false`, `counting` has them"),
      field<&Sampling::profile_hz>("profile_hz",
                                   "samples of call chains a second of each thread that were asked for (`profile`)",
                                   "no profile was asked for"),
      field<&Sampling::conditions>("conditions", "`false` with `--conditions off`"),
  };
  return table;
}

}  // namespace pipebench
