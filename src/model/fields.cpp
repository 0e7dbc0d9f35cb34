// THE tables of the results' keys, in the order of the file.
#include "model/fields.hpp"

namespace pipebench {
namespace {

constexpr std::string_view unpinned = "not pinned";
constexpr std::string_view single_stream = "there is a single stream";
constexpr std::string_view cases_differ_time = "cases differ, or are measured by bytes";
constexpr std::string_view cases_differ_bytes = "cases differ, or are measured by time";
constexpr std::string_view strategy_names = "names of the strategies";
constexpr std::string_view os_numbers = "OS numbers";
constexpr std::string_view booleans = "booleans";
constexpr std::string_view constant = "always 1 in this version";
constexpr std::string_view turns_of_end =
    "what the turns of each end took, with `--isolation none`, of several streams together, [below](#turns)";
constexpr std::string_view no_turns = "the isolation is not `none`";
constexpr std::string_view no_timed_turns = "the isolation is not `none`, or no turn could be timed";
constexpr std::string_view wrong_bytes =
    "those 8 bytes as a number of 64 bits, in this machine's byte order. Some JSON readers round numbers above 2⁵³; "
    "`reason` has them in hexadecimal";
constexpr std::string_view not_torn = "not `torn`";
constexpr std::string_view all_nodes =
    "array: NUMA nodes that hold the buffers, of all streams; of long buffers 1024 pages are looked up. Empty: the end "
    "has no buffers, they were not touched, or the kernel does not tell";
constexpr std::string_view one_node = "NUMA node that holds all of the end's buffers";
constexpr std::string_view no_single_node = "they are on several nodes, or `writer_nodes`, `reader_nodes` is empty";
constexpr std::string_view no_ratio = "the case is the baseline itself, there is none, or they have no round in common";
constexpr std::string_view ratio_interval =
    "confidence interval of the ratio, from the rounds; when it holds 1, the case cannot be told from the baseline";
constexpr std::string_view no_ratio_interval = "`ratio` is null, or fewer than 6 rounds have both";
constexpr std::string_view price_interval = "confidence interval of `turns_ns_per_page`; `--precision` is about it";
constexpr std::string_view no_price_interval = "`turns_ns_per_page` is null, or there are fewer than 6 samples";
constexpr std::string_view figures_of_end = "what each end needed, medians of the samples, [below](#figures)";
constexpr std::string_view not_counted = "the counters that it is made of are null";
constexpr std::string_view profile_of_end = "where the end's time went, [below](#end_profile)";
constexpr std::string_view no_ceiling =
    "what it is made of could not be had, or the case is the price of its calls itself";
constexpr std::string_view no_core_ceiling = "there was no memory, or the CPU was not to be had";
constexpr std::string_view each_end =
    "what each end did for `counted_bytes`, of several streams together, [below](#counters)";

/// The fields of a struct whose table is in several parts.
template <class Struct, std::size_t... size>
constexpr auto joined(const std::array<Field<Struct>, size>&... parts) {
  std::array<Field<Struct>, (size + ...)> all{};
  auto next = all.begin();
  ((next = std::ranges::copy(parts, next).out), ...);
  return all;
}

/// The node that holds all of something; null when there are several, or none.
Json only_node(const std::vector<int>& nodes) { return nodes.size() == 1 ? Json(nodes[0]) : Json(nullptr); }

template <auto member>
constexpr Field<PlanRecord> goal_field(std::string_view key, std::string_view meaning,
                                       std::string_view null_when = "") {
  return {key, meaning, null_when, [](const PlanRecord& from) { return encode(from.goals.*member); },
          [](PlanRecord& to, const Json& json, Reading& reading) { decode(json, to.goals.*member, reading); }};
}

/// Of the first stream.
template <auto member>
constexpr Field<CaseSpec> placement_field(std::string_view key, std::string_view meaning) {
  return {key, meaning, unpinned, [](const CaseSpec& from) { return encode(from.placement.*member); },
          [](CaseSpec& to, const Json& json, Reading& reading) { decode(json, to.placement.*member, reading); }};
}

Json stream_cpus(const CaseSpec& spec) {
  Json cpus = Json::array();
  for (std::size_t i = 0; i < spec.further_placements.size() + 1; ++i) {
    const Placement& placement = spec.placement_of(i);
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

/// Null for a single stream, whose speed is the sample's.
Json stream_speeds(const Sample& sample) {
  Json speeds = Json::array();
  for (const std::uint64_t bytes : sample.stream_bytes) speeds.push_back(encode(sample.speed_of(bytes)));
  return speeds;
}

Json advice(const Summary& summary) {
  Json sentences = Json::array();
  for (const Doubt doubt : summary.doubts) sentences.push_back(summary_of(doubt));
  return sentences;
}

Json warnings(const Host& host) {
  Json sentences = Json::array();
  for (const Finding& finding : host.findings) sentences.push_back(sentence_of(finding));
  return sentences;
}

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

/// Counts are whole numbers.
Json encode_figure(const std::optional<double>& value, Unit unit) {
  return unit == Unit::count && value ? Json(static_cast<std::uint64_t>(*value)) : encode(value);
}

void decode_figure(const Json& json, std::optional<double>& value, Unit unit, Reading& reading) {
  if (unit != Unit::count) return decode(json, value, reading);
  std::optional<std::uint64_t> count;
  decode(json, count, reading);
  if (count) value = static_cast<double>(*count);
}

template <std::size_t index>
constexpr Field<EndCounters> counter_field() {
  constexpr CounterInfo info = counter_table[index];
  static_assert(info.value == static_cast<Counter>(index), "the table is in the order of the enumerators");
  return {info.name, info.meaning, info.null_when,
          [](const EndCounters& from) {
            return encode_figure(from[counter_table[index].value], counter_table[index].unit);
          },
          [](EndCounters& to, const Json& json, Reading& reading) {
            decode_figure(json, to[counter_table[index].value], counter_table[index].unit, reading);
          }};
}

template <std::size_t... index>
constexpr std::array<Field<EndCounters>, sizeof...(index)> counter_fields(std::index_sequence<index...>) {
  return {counter_field<index>()...};
}

template <std::size_t index>
constexpr Field<Conditions> condition_field() {
  constexpr ConditionInfo info = condition_table[index];
  return {info.name, info.meaning, info.null_when,
          [](const Conditions& from) {
            return encode_figure(from.*condition_table[index].value, condition_table[index].unit);
          },
          [](Conditions& to, const Json& json, Reading& reading) {
            decode_figure(json, to.*condition_table[index].value, condition_table[index].unit, reading);
          }};
}

template <std::size_t... index>
constexpr std::array<Field<Conditions>, sizeof...(index)> condition_fields(std::index_sequence<index...>) {
  return {condition_field<index>()...};
}

template <bool is_price>
constexpr Field<ConditionGroup> group_figure(std::string_view key, std::string_view meaning,
                                             std::string_view null_when) {
  return {key, meaning, null_when,
          [](const ConditionGroup& from) { return from.is_price == is_price ? encode(from.figure) : Json(nullptr); },
          [](ConditionGroup& to, const Json& json, Reading& reading) {
            decode(json, to.figure, reading);
            to.is_price = is_price;
          }};
}

}  // namespace

template <>
std::span<const Field<Tool>> fields_of<Tool>() {
  static constexpr std::array table{
      field<&Tool::version>("version", "of pipebench"),
      field<&Tool::commit>("commit", "git commit of the build, with `-dirty` when files had been changed",
                           "built outside a git checkout"),
      field<&Tool::compiler>("compiler", "name and version"),
      field<&Tool::flags>("flags", "optimisation flags of the build"),
  };
  return table;
}

namespace {

/// What a reader looks for first.
constexpr std::array first_host_fields{
    field<&Host::kernel>("kernel", "release, as `uname -r`", "it cannot be read"),
    field<&Host::cpu_model>("cpu_model", "of the first CPU, from /proc/cpuinfo", "it has no such line"),
    field<&Host::hypervisor>("hypervisor",
                             "what the machine runs under, as its firmware or device tree names it; `\"unknown "
                             "hypervisor\"` in a virtual machine that does not say",
                             "on bare metal"),
    field<&Host::topology>("topology", "hwloc's synthetic description of packages, caches, cores, CPUs",
                           "hwloc cannot describe it that way"),
    field<&Host::page_size_bytes>("page_size_bytes", "of an ordinary page"),
    field<&Host::thp>("thp", "transparent huge pages: `always`, `madvise` or `never`", "the kernel has none"),
    field<&Host::pipe_max_size_bytes>("pipe_max_size_bytes", "/proc/sys/fs/pipe-max-size", "it cannot be read"),
    field<&Host::psi>("psi",
                      "first figure of /proc/pressure/cpu, `some avg10=` percent of the last 10 s in which a thread "
                      "waited for a CPU",
                      "the kernel does not keep it"),
    field<&Host::mitigations>("mitigations",
                              "each weakness of the processor and what the kernel does about it; `\"none needed\"`",
                              "/sys does not tell"),
    field<&Host::governor>("governor", "frequency governor of CPU 0", "there is none, as in most virtual machines"),
    field<&Host::load_average>("load_average", "over 1, 5 and 15 minutes, before the run", "it cannot be read"),
};

/// The processor, and what is around it.
constexpr std::array processor_fields{
    field<&Host::microcode>("microcode", "revision, as the kernel writes it", "the kernel does not tell"),
    field<&Host::caches>("caches", "of CPU 0, with their sizes: `L1d 32K, L1i 32K, L2 1024K`", "/sys does not tell"),
    field<&Host::smt>("smt", "threads of one core: `on`, `off` or `not there`", "/sys does not tell"),
    field<&Host::container>("container",
                            "`docker`, `podman`, `lxc`, `systemd-nspawn`, `kubernetes`, ...: what left its traces, as "
                            "systemd-detect-virt(1) looks for them",
                            "outside containers"),
};

/// How the kernel is set.
constexpr std::array kernel_fields{
    field<&Host::clock_source>("clock_source", "what the kernel's clock goes by: `tsc`, `hpet`, ...",
                               "/sys does not tell"),
    field<&Host::turbo>("turbo", "may clock rates go above the nominal one?", "the driver does not tell"),
    field<&Host::thp_defrag>("thp_defrag", "transparent_hugepage/defrag: how hard the kernel tries",
                             "/sys does not tell"),
    field<&Host::thp_shmem>("thp_shmem", "transparent_hugepage/shmem_enabled, which counts for memfds",
                            "/sys does not tell"),
    field<&Host::psi_accounting>("psi_accounting",
                                 "does the kernel account for pressure? `on`, `off`, `not compiled in`",
                                 "neither /proc nor /boot tells"),
    field<&Host::pipe_user_pages_soft>(
        "pipe_user_pages_soft", "/proc/sys/fs/pipe-user-pages-soft, in pages; 0 is no limit", "it cannot be read"),
    field<&Host::pipe_user_pages_hard>("pipe_user_pages_hard", "likewise, pipe-user-pages-hard", "it cannot be read"),
    field<&Host::max_map_count>("max_map_count", "/proc/sys/vm/max_map_count: mappings that a process may have",
                                "it cannot be read"),
    field<&Host::perf_event_paranoid>("perf_event_paranoid", "the sysctl kernel.perf_event_paranoid",
                                      "it cannot be read"),
    field<&Host::kptr_restrict>("kptr_restrict", "the sysctl kernel.kptr_restrict", "it cannot be read"),
    field<&Host::io_uring_disabled>("io_uring_disabled", "the sysctl kernel.io_uring_disabled",
                                    "the kernel has none (before 6.6)"),
};

/// What this process may do and have.
constexpr std::array rights_fields{
    field<&Host::cgroup>("cgroup", "versions of control groups: `v1`, `v2`, `v1 and v2`", "it cannot be read"),
    field<&Host::cgroup_memory_limit_bytes>("cgroup_memory_limit_bytes",
                                            "the least that this process's control group and those above it allow",
                                            "there is no limit, or `cgroup` is null"),
    field<&Host::cgroup_cpu_quota>("cgroup_cpu_quota", "likewise, in CPUs", "there is no quota, or `cgroup` is null"),
    field<&Host::memlock_limit_bytes>("memlock_limit_bytes", "memory that may be locked (`ulimit -l`)",
                                      "unlimited, or it cannot be read"),
    field<&Host::nofile_limit>("nofile_limit", "descriptors (`ulimit -n`)", "unlimited, or it cannot be read"),
    field<&Host::address_space_limit_bytes>("address_space_limit_bytes", "address space (`ulimit -v`)",
                                            "unlimited, or it cannot be read"),
    field<&Host::seccomp>("seccomp", "mode: `off`, `strict` or `filter`", "/proc does not tell"),
    field<&Host::capabilities>("capabilities",
                               "those of `IPC_LOCK`, `SYS_ADMIN`, `SYS_NICE`, `SYS_RESOURCE`, `SYSLOG`, `PERFMON` "
                               "that this process has; `\"none\"`",
                               "/proc does not tell"),
};

constexpr std::array finding_fields{
    derived<Host>("warnings", "array of sentences: `findings` in words", warnings),
    field<&Host::findings>("findings",
                           "array: what is missing and why, and what on this machine makes results less "
                           "trustworthy, [below](#findings)"),
};

}  // namespace

template <>
std::span<const Field<Host>> fields_of<Host>() {
  static constexpr auto table =
      joined(first_host_fields, processor_fields, kernel_fields, rights_fields, finding_fields);
  return table;
}

template <>
std::span<const Field<Finding>> fields_of<Finding>() {
  static constexpr std::array table{
      field<&Finding::severity>(
          "severity",
          "`note`: something is not known, or good to know; `warning`: results are less trustworthy; `blocker`: "
          "something cannot be had or cannot run"),
      field<&Finding::figures>("figures", "array: the keys that are `null`, or `unknown`, because of it"),
      field<&Finding::about>("about", "what it is about, in a word or two: `governor`", "`figures` say it"),
      field<&Finding::what>("what", "a sentence: what was found"),
      field<&Finding::why>("why", "a sentence: why it matters", "`what` says it"),
      field<&Finding::mend>("mend", "a command that mends it, for the shell of root", "there is none"),
  };
  return table;
}

template <>
std::span<const Field<PlanRecord>> fields_of<PlanRecord>() {
  static constexpr std::array table{
      field<&PlanRecord::seed>("seed", "of the shuffling; `--seed` with it gives the same order again"),
      field<&PlanRecord::order>("order", "`shuffled` or `sequential`: of the cases within a round"),
      field<&PlanRecord::rounds>("rounds",
                                 "the largest number of rounds of any case; with `--precision` or `--steady` there may "
                                 "be more"),
      goal_field<&RunGoals::precision>("precision",
                                       "how narrow each interval was to become, relative to its median: 0.02 is ±2 %",
                                       "no `--precision`"),
      goal_field<&RunGoals::budget_seconds>("budget_seconds", "the most that the run was to take", "no `--budget`"),
      goal_field<&RunGoals::steady>("steady", "`true` with `--steady`"),
      field<&PlanRecord::ceilings>("ceilings", "`true` with `--ceilings`"),
      field<&PlanRecord::imprecise>("imprecise", "array: names of the cases whose interval stayed wider than that",
                                    "there are none, or no `--precision`"),
      field<&PlanRecord::time_seconds>("time_seconds", "length of a sample", cases_differ_time),
      field<&PlanRecord::bytes>("bytes", "length of a sample in bytes of each stream", cases_differ_bytes),
      field<&PlanRecord::baseline>("baseline", "the case that `--baseline` names, which others are compared with",
                                   "none was named: it is the first that has samples and moves bytes"),
      field<&PlanRecord::cases>("cases", "number of cases in the plan"),
      field<&PlanRecord::estimated_seconds>("estimated_seconds", "how long the run was expected to take",
                                            "samples are measured in bytes, or figures decide (`--precision`, "
                                            "`--steady`)"),
      field<&PlanRecord::longest_seconds>("longest_seconds",
                                          "the most that the run was expected to take: `--budget`, or the first "
                                          "round if that takes longer; else, with `--precision` or `--steady`, ten "
                                          "times its `rounds`",
                                          "neither sets a limit, or samples are measured in bytes without `--budget`"),
      field<&PlanRecord::arguments>("arguments", "array: the command line, without the program's name"),
      field<&PlanRecord::started>("started", "ISO 8601, UTC"),
      field<&PlanRecord::finished>("finished", "ISO 8601, UTC", "in a dry run"),
      field<&PlanRecord::complete>("complete", "`false` when the run was interrupted, and in a dry run"),
  };
  return table;
}

namespace {

// How the bytes are moved.
constexpr std::array transfer_fields{
    field<&CaseSpec::writer>("writer", strategy_names),
    field<&CaseSpec::reader>("reader", strategy_names),
    field<&CaseSpec::wait>("wait",
                           "what an end does when its call would block; `busy` with `--isolation none`, whose calls "
                           "do not block, and never would have to"),
    field<&CaseSpec::pages>("pages",
                            "kind of pages asked for: `4k` (ordinary ones, whatever their size on this machine), "
                            "`thp`, `2m`, `1g`, `skb`"),
    field<&CaseSpec::buffer_bytes>("buffer_bytes", "size of one buffer; also what the reader asks for in one call"),
    field<&CaseSpec::buffers>("buffers", "how many the writer sends in turn, on each pipe"),
    field<&CaseSpec::pipe_bytes>("pipe_bytes",
                                 "capacity of each pipe: `auto` resolved, other sizes rounded up as the kernel does "
                                 "(a page at least, a power of two); sizes that come to the same are one case"),
};

// Where the ends run, and how many there are.
constexpr std::array place_fields{
    placement_field<&Placement::writer_cpu>("writer_cpu", os_numbers),
    placement_field<&Placement::reader_cpu>("reader_cpu", os_numbers),
    placement_field<&Placement::relation>(
        "relation",
        "what the two CPUs share, nearest first: `same-cpu`, `smt`, `l2`, `l3`, `numa`, `package`; "
        "`cross-package`; `unknown` where the kernel does not tell"),
    field<&CaseSpec::streams>("streams", "pairs of a writer and a reader, each with pipes of its own, side by side"),
    Field<CaseSpec>{"stream_cpus",
                    "array of [writer's CPU, reader's CPU] of each stream; `writer_cpu` and `reader_cpu` are those "
                    "of the first. The numbers are `null` where a stream is not pinned",
                    "", stream_cpus, read_stream_cpus},
    field<&CaseSpec::stripe>("stripe", "pipes that the two ends use in turn, buffer by buffer"),
    // Not options yet: what every case does today, so that files of today and of later versions compare.
    derived<CaseSpec>("writer_threads", constant, [](const CaseSpec&) { return Json(1); }),
    derived<CaseSpec>("reader_threads", constant, [](const CaseSpec&) { return Json(1); }),
    field<&CaseSpec::isolation>("isolation",
                                "`threads`: each end has a thread; `none`: both ends of a stream are in one thread, "
                                "turn by turn, on the writer's CPU"),
    Field<CaseSpec>{"membind", "where memory is to come from: `any`, `writer`, `reader`, `node:N`, `interleave`", "",
                    [](const CaseSpec& from) { return Json(membind_text(from)); }, read_membind},
};

// What the ends do with the bytes, and the switches.
constexpr std::array content_fields{
    field<&CaseSpec::payload>("payload",
                              "what the producer writes into a buffer before each send: `static`: nothing; "
                              "`stamped`: a new number into each 4 KiB; `fresh`: every byte"),
    field<&CaseSpec::consume>("consume",
                              "what the consumer does with the bytes: `none`: nothing; `checksum`: it loads every "
                              "byte and adds them up"),
    field<&CaseSpec::gift>("gift", booleans),
    field<&CaseSpec::contiguous>("contiguous", booleans),
    field<&CaseSpec::no_touch>("no_touch", booleans),
    field<&CaseSpec::lock>("lock", booleans),
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
      Field<Sampling>{"time_seconds", "length of a sample", "it is measured by bytes",
                      [](const Sampling& from) { return from.bytes ? Json(nullptr) : encode(from.time_seconds); },
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

template <>
std::span<const Field<Obtained>> fields_of<Obtained>() {
  static constexpr std::array table{
      field<&Obtained::pipe_bytes>("pipe_bytes",
                                   "real capacity of a pipe, as F_GETPIPE_SZ tells it. A slot counts as an "
                                   "ordinary page here; one of `skb` pages holds 32 KiB"),
      field<&Obtained::pages>(
          "pages",
          "the writer's page kind, or the reader's when the writer has none, from /proc/self/smaps: the size of "
          "ordinary pages (`4k`; `16k` and `64k` on some arm64 machines), `thp`, `2m`, `1g`, `mixed`, `not touched`; "
          "`unknown` where that cannot be read. `skb`: every slot came out at 32 KiB; "
          "`mixed`: memory was too fragmented for some",
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
      field<&Traits::touched>("touched",
                              "`none`, `writer`, `reader`, `both`: whose CPU loads or stores every byte, in user space "
                              "or in the kernel (copying, clearing); `payload` = `fresh` and `consume` = `checksum` "
                              "count, `stamped` does not"),
      field<&Traits::safe>("safe",
                           "`false`: a writer that put new bytes into its buffers could overwrite what the reader has "
                           "not seen yet ([why](kernel.md#when-a-buffer-may-be-written-again))"),
      field<&Traits::moves_bytes>("moves_bytes", "`false`: nothing goes through a pipe (`null`)"),
  };
  return table;
}

template <>
std::span<const Field<Verification>> fields_of<Verification>() {
  static constexpr std::array table{
      field<&Verification::outcome>("outcome", "`intact`, `torn` or `not-applicable`"),
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
std::span<const Field<EndCounters>> fields_of<EndCounters>() {
  static constexpr auto table = counter_fields(std::make_index_sequence<counter_table.size()>());
  return table;
}

template <>
std::span<const Field<Turns>> fields_of<Turns>() {
  static constexpr std::array table{
      field<&Turns::count>("count", "turns that were timed", no_turns),
      field<&Turns::min_ns_per_page>("min_ns_per_page", "nanoseconds per 4096 bytes in the fastest turn",
                                     no_timed_turns),
      field<&Turns::q1_ns_per_page>("q1_ns_per_page", "a quarter of the turns took at most so long", no_timed_turns),
      field<&Turns::median_ns_per_page>("median_ns_per_page", "half of the turns did", no_timed_turns),
      field<&Turns::q3_ns_per_page>("q3_ns_per_page", "three quarters did", no_timed_turns),
  };
  return table;
}

template <>
std::span<const Field<Conditions>> fields_of<Conditions>() {
  static constexpr auto table = condition_fields(std::make_index_sequence<condition_table.size()>());
  return table;
}

template <>
std::span<const Field<Sample>> fields_of<Sample>() {
  static constexpr std::array table{
      field<&Sample::round>("round", "from 0"),
      field<&Sample::set_aside>("set_aside",
                                "`true`: it was taken under other conditions than most (`--steady`), and is not in the "
                                "summary"),
      field<&Sample::bytes>("bytes", "that the reader received; of several streams, all together while all ran"),
      field<&Sample::seconds>("seconds",
                              "from the common start to the reader's last byte; of several streams, from when the last "
                              "had begun to when the first had ended"),
      derived<Sample>("gib_per_second", "`bytes` / `seconds` / 1024³",
                      [](const Sample& from) { return encode(from.gib_per_second()); }),
      derived<Sample>("stream_gib_per_second", "array: each stream's speed in that time", stream_speeds, single_stream),
      field<&Sample::stream_bytes>("stream_bytes", "array: what each stream's reader received in that time",
                                   single_stream),
      field<&Sample::counted_bytes>("counted_bytes",
                                    "what the counters of `writer` and `reader` cover: `bytes`; of several streams, "
                                    "everything that they moved, also before and after that time"),
      field<&Sample::counted_seconds>("counted_seconds",
                                      "how long that took: `seconds`; of several streams, the mean of theirs, each "
                                      "from its start to its reader's last byte"),
      field<&Sample::worker_seconds>("worker_seconds",
                                     "CPU time of kernel threads (io_uring's io-wq) that did transfers for the ends, "
                                     "for `counted_bytes`; 0 where neither strategy has any",
                                     "`--counters off`, or the kernel does not tell"),
      field<&Sample::both_ends_seconds>("both_ends_seconds",
                                        "CPU time, user and system, of the threads that each run both ends of a "
                                        "stream, for `counted_bytes`; includes reading the clock",
                                        "the isolation is not `none`, or `--counters off`"),
      field<&Sample::clock_ns>("clock_ns",
                               "what reading the clock added to each turn; has been subtracted from `writer_turns` and "
                               "`reader_turns`",
                               no_turns),
      derived<Sample>(
          "turns_ns_per_page", "of both ends together: the sum of the two medians below",
          [](const Sample& from) { return encode(from.turns_ns_per_page()); }, no_timed_turns),
      field<&Sample::writer_turns>("writer_turns", turns_of_end),
      field<&Sample::reader_turns>("reader_turns", turns_of_end),
      field<&Sample::conditions>("conditions", "under which conditions it was taken, [below](#conditions)"),
      field<&Sample::writer>("writer", each_end),
      field<&Sample::reader>("reader", each_end),
  };
  return table;
}

template <>
std::span<const Field<ConditionGroup>> fields_of<ConditionGroup>() {
  static constexpr std::array table{
      field<&ConditionGroup::count>("samples", "how many"),
      field<&ConditionGroup::condition>("value", "median of the condition, in the unit that its name ends in"),
      group_figure<false>("gib_per_second", "median of the samples", "the isolation is `none`"),
      group_figure<true>("ns_per_page",
                         "median of the samples: nanoseconds per 4096 bytes, of both ends together, the sum of their "
                         "medians",
                         "the isolation is not `none`"),
  };
  return table;
}

template <>
std::span<const Field<Explanation>> fields_of<Explanation>() {
  static constexpr std::array table{
      field<&Explanation::condition>("condition",
                                     "`handover_ns`, `writer_ns_per_add`, `reader_ns_per_add`, `steal_seconds`, "
                                     "`involuntary_switches`, `writer_frequency_hz` or `reader_frequency_hz`"),
      field<&Explanation::low>("low", "samples for which its value was low, [below](#groups)"),
      field<&Explanation::high>("high", "samples for which it was high, [below](#groups)"),
      field<&Explanation::undecided>("undecided",
                                     "number of the other samples: the condition changed meanwhile, or is not known"),
  };
  return table;
}

namespace {

// How fast it is.
constexpr std::array speed_fields{
    field<&Summary::n>("n", "samples"),
    field<&Summary::median_gib_per_second>("median_gib_per_second", "the figure of the case"),
    field<&Summary::ci95_low>("ci95_low", "confidence interval of the median; both ends are samples"),
    field<&Summary::ci95_high>("ci95_high", "confidence interval of the median; both ends are samples"),
    field<&Summary::ci_coverage>("ci_coverage",
                                 "probability with which such an interval holds the true median: at least 0.95 from "
                                 "6 samples on, less with fewer"),
    field<&Summary::mad>("mad", "median absolute deviation, GiB/s"),
    field<&Summary::min>("min", "GiB/s"),
    field<&Summary::max>("max", "GiB/s"),
    field<&Summary::outliers>("outliers", "number of samples that lie far from the others"),
};

// What it costs.
constexpr std::array cost_fields{
    field<&Summary::ns_per_page>("ns_per_page", "nanoseconds per 4096 bytes at the median"),
    field<&Summary::cpu_seconds_per_gib>("cpu_seconds_per_gib",
                                         "CPU time of all threads, user and system, and of the kernel's workers, per "
                                         "GiB of `counted_bytes`, over all samples",
                                         "`--counters off`, or `worker_seconds` is not known"),
    field<&Summary::writer_ns_per_page>("writer_ns_per_page",
                                        "with `--isolation none`: nanoseconds per 4096 bytes that a turn of the "
                                        "writer takes, the median of the samples' medians",
                                        no_timed_turns),
    field<&Summary::reader_ns_per_page>("reader_ns_per_page", "the same of the reader", no_timed_turns),
    field<&Summary::turns_ns_per_page>("turns_ns_per_page",
                                       "of both ends together: the median of the samples' `turns_ns_per_page`, which "
                                       "may differ from the sum of the two medians above; the figure of such a case, "
                                       "of which ratios and `--precision` are",
                                       no_timed_turns),
    field<&Summary::turns_ns_per_page_ci95_low>("turns_ns_per_page_ci95_low", price_interval, no_price_interval),
    field<&Summary::turns_ns_per_page_ci95_high>("turns_ns_per_page_ci95_high", price_interval, no_price_interval),
    field<&Summary::writer>("writer", figures_of_end),
    field<&Summary::reader>("reader", figures_of_end),
};

// How the streams share.
constexpr std::array stream_fields{
    field<&Summary::stream_gib_per_second>("stream_gib_per_second", "array: the median of each stream", single_stream),
    field<&Summary::fairness>("fairness",
                              "Jain's index, median of the samples: 1 when all streams are equally fast, 1/N when "
                              "one has everything",
                              single_stream),
};

// How it compares with the baseline.
constexpr std::array ratio_fields{
    field<&Summary::ratio>("ratio",
                           "the case's figure relative to the baseline's: the median of the ratios of their samples "
                           "of the same round, not the ratio of the medians; of prices, above 1 costs more",
                           no_ratio),
    field<&Summary::ratio_ci95_low>("ratio_ci95_low", ratio_interval, no_ratio_interval),
    field<&Summary::ratio_ci95_high>("ratio_ci95_high", ratio_interval, no_ratio_interval),
    field<&Summary::relative_to>("relative_to", "name of the baseline", no_ratio),
};

// How far the figure can be trusted.
constexpr std::array doubt_fields{
    field<&Summary::sleeps_per_second>("sleeps_per_second",
                                       "voluntary switches per second of one thread, on the side that has more; of "
                                       "several streams, on average",
                                       "`--counters off` or `--isolation none`"),
    field<&Summary::explanation>("explanation",
                                 "which condition goes with the figures of the samples, [below](#explanation)",
                                 "none does, or none is known"),
    derived<Summary>("stable", "`true` when `doubts` is empty",
                     [](const Summary& from) { return Json(from.stable()); }),
    field<&Summary::doubts>("doubts",
                            "array: why the figure should not be taken at face value: `cut-short`, `conditions`, "
                            "`two-groups`, `sleeping`, `wide-interval`, `few-samples`, `interrupted`, `draining`, "
                            "`overrun` ([which](measuring.md#what--means))"),
    derived<Summary>("advice", "array of sentences: the same in words, and what to do", advice),
};

}  // namespace

template <>
std::span<const Field<EndFigures>> fields_of<EndFigures>() {
  static constexpr std::array table{
      field<&EndFigures::bytes_per_call>("bytes_per_call", "that a call moved, of calls that moved something",
                                         "it made no such call"),
      field<&EndFigures::ns_per_call>("ns_per_call",
                                      "elapsed nanoseconds for each of those calls, with all waiting; with "
                                      "`--isolation none` in its own turns",
                                      "it made no such call, or no turn could be timed"),
      field<&EndFigures::switches_per_gib>("switches_per_gib",
                                           "`voluntary_switches` and `involuntary_switches` per GiB", not_of_one_end),
      field<&EndFigures::cycles_per_byte>("cycles_per_byte", "`cycles` per byte", not_counted),
      field<&EndFigures::instructions_per_byte>("instructions_per_byte", "`instructions` per byte", not_counted),
      field<&EndFigures::instructions_per_cycle>("instructions_per_cycle", "`instructions` per cycle", not_counted),
      field<&EndFigures::cache_misses_per_page>("cache_misses_per_page", "`cache_misses` per 4096 bytes", not_counted),
      field<&EndFigures::dtlb_misses_per_page>("dtlb_misses_per_page", "`dtlb_misses` per 4096 bytes", not_counted),
  };
  return table;
}

template <>
std::span<const Field<Summary>> fields_of<Summary>() {
  static constexpr auto table = joined(speed_fields, cost_fields, stream_fields, ratio_fields, doubt_fields);
  return table;
}

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
      field<&WorkShare::work>("kind",
                              "of work, [as the table of a profile names it](measuring.md#where-the-time-goes)"),
      field<&WorkShare::samples>("samples", "of this kind"),
      field<&WorkShare::share>("share", "of all samples of the end, 0 to 1"),
  };
  return table;
}

template <>
std::span<const Field<FunctionShare>> fields_of<FunctionShare>() {
  static constexpr std::array table{
      field<&FunctionShare::name>("name", "of the function"),
      field<&FunctionShare::work>("kind", "of work, by the name alone"),
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
      field<&EndProfile::lost>("lost", "for which there was no room", "the kernel does not tell (before Linux 6.0)"),
      field<&EndProfile::throttled>("throttled", "times that the kernel paused sampling because it took too long"),
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
      field<&Profile::frequency_hz>("frequency_hz", "samples a second of each thread that the kernel agreed to"),
      field<&Profile::obstacles>("obstacles",
                                 "array: why samples, or names of functions, are missing, as [findings](#findings)"),
      field<&Profile::writer>("writer", profile_of_end),
      field<&Profile::reader>("reader", profile_of_end),
  };
  return table;
}

template <>
std::span<const Field<Ceilings>> fields_of<Ceilings>() {
  static constexpr std::array table{
      field<&Ceilings::applies>(
          "applies",
          "what the case is a share of. `copies`: `copy_gib_per_second` / `serial_copies`; `slots`: pages at what the "
          "two calls cost alone, one after the other, but for entering and leaving the kernel, or, with `stripe` > 1, "
          "at what the slower one costs",
          no_ceiling),
      field<&Ceilings::gib_per_second>("gib_per_second", "that ceiling, of all streams together", no_ceiling),
      field<&Ceilings::share>("share", "the case's speed relative to it, 0 to 1; above 1 the ceiling is none",
                              no_ceiling),
      field<&Ceilings::serial_copies>("serial_copies",
                                      "copies of each byte of which none can be made while another one is: those of "
                                      "one end, or those of both that are made under the lock of one pipe"),
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
      field<&CaseResult::status>("status",
                                 "`ok`: it has its rounds; `failed` or `skipped`; `planned`: in a dry run, or an "
                                 "interrupt or `--budget` left rounds out; it has those that were measured"),
      field<&CaseResult::reason>("reason",
                                 "a sentence: why it failed or was skipped, or how many rounds it has, of how many, "
                                 "and what ended them",
                                 "the status is `ok`, or `planned` in a dry run"),
      field<&CaseResult::obstacle>("reason_kind",
                                   "what is in the way of a case that was not measured: `unpaired`, `unavailable`, "
                                   "`sizes`, `limits`, `pages`, `memory`, `content`, `same-case` (its options make no "
                                   "difference), `huge-pages` or `placement`",
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

namespace {

template <class Struct>
KeyGroup group(std::string_view name) {
  KeyGroup keys{name, {}};
  for (const Field<Struct>& field : fields_of<Struct>())
    keys.keys.push_back({field.key, field.meaning, field.null_when});
  return keys;
}

}  // namespace

std::vector<KeyGroup> documented_keys() {
  return {group<Tool>("tool"),
          group<Host>("host"),
          group<Finding>("findings"),
          group<PlanRecord>("plan"),
          group<CaseResult>("cases"),
          group<CaseSpec>("spec"),
          group<Sampling>("sampling"),
          group<Obtained>("obtained"),
          group<Traits>("traits"),
          group<Verification>("verify"),
          group<Sample>("samples"),
          group<Turns>("turns"),
          group<Conditions>("conditions"),
          group<EndCounters>("counters"),
          group<Summary>("summary"),
          group<EndFigures>("figures"),
          group<Explanation>("explanation"),
          group<ConditionGroup>("groups"),
          group<Ceilings>("ceilings"),
          group<Profile>("profile"),
          group<EndProfile>("end_profile"),
          group<WorkShare>("work"),
          group<FunctionShare>("functions"),
          group<NamedCount>("other"),
          group<Stack>("stacks")};
}

}  // namespace pipebench
