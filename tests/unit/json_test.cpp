#include "pipebench/model/json.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "pipebench/analysis/summary.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;
using Keys = std::vector<std::string>;

Keys keys(const Json& object) {
  Keys names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

CaseResult measured() {
  CaseResult result;
  result.name = "vmsplice-splice";
  result.section = "vmsplice-splice";
  result.spec.writer = "vmsplice";
  result.spec.reader = "splice";
  result.spec.wait = Wait::busy_poll;
  result.spec.pages = Pages::thp;
  result.spec.buffer_bytes = 262144;
  result.spec.buffers = 2;
  result.spec.pipe_bytes = 131072;
  result.spec.placement = {2, 3, Relation::cross_package};
  result.spec.gift = true;
  result.spec.no_touch = true;
  result.spec.latency = true;
  result.spec.message_bytes = 64;
  result.traits = {1, true, Touched::writer, false};
  result.status = Status::ok;
  result.obtained = Obtained{131072, ObtainedPages::mixed, {0}, {}};
  Sample sample;
  sample.round = 3;
  sample.bytes = 2ULL << 30U;
  sample.seconds = 0.5;
  sample.writer[Counter::calls] = 7;
  sample.writer[Counter::user_seconds] = 0.25;
  sample.reader[Counter::minor_faults] = 0;
  result.samples = {sample};
  Summary summary;
  summary.n = 1;
  summary.median_gib_per_second = 4;
  summary.ci_coverage = 0.5;
  summary.doubts = {Doubt::few_samples};
  result.summary = summary;
  result.notes = {"Asked for thp, got mixed."};
  return result;
}

TEST(DocumentJson, HasTheDocumentedKeysInOrder) {
  const Json json = frame_to_json(Document{});
  EXPECT_EQ(keys(json), (Keys{"schema", "tool", "host", "plan", "cases"}));
  EXPECT_EQ(json["schema"], "pipebench/1");
  EXPECT_EQ(keys(json["tool"]), (Keys{"version", "commit", "compiler", "flags"}));
  EXPECT_EQ(keys(json["host"]), (Keys{"hostname",
                                      "kernel",
                                      "cpu_model",
                                      "hypervisor",
                                      "topology",
                                      "page_size_bytes",
                                      "thp",
                                      "pipe_max_size_bytes",
                                      "psi",
                                      "mitigations",
                                      "governor",
                                      "load_average",
                                      "microcode",
                                      "caches",
                                      "smt",
                                      "container",
                                      "clock_source",
                                      "turbo",
                                      "thp_defrag",
                                      "thp_shmem",
                                      "psi_accounting",
                                      "pipe_user_pages_soft",
                                      "pipe_user_pages_hard",
                                      "max_map_count",
                                      "perf_event_paranoid",
                                      "kptr_restrict",
                                      "io_uring_disabled",
                                      "cgroup",
                                      "cgroup_memory_limit_bytes",
                                      "cgroup_cpu_quota",
                                      "memlock_limit_bytes",
                                      "nofile_limit",
                                      "address_space_limit_bytes",
                                      "seccomp",
                                      "capabilities",
                                      "warnings",
                                      "findings"}));
  EXPECT_EQ(keys(json["plan"]), (Keys{"seed",
                                      "order",
                                      "rounds",
                                      "precision",
                                      "budget_seconds",
                                      "steady",
                                      "ceilings",
                                      "imprecise",
                                      "time_seconds",
                                      "bytes",
                                      "baseline",
                                      "cases",
                                      "estimated_seconds",
                                      "longest_seconds",
                                      "arguments",
                                      "started",
                                      "finished",
                                      "complete",
                                      "other_pipebenches",
                                      "tuning"}));
}

TEST(DocumentJson, KeepsEmptyListsAsLists) {
  const Json json = frame_to_json(Document{});
  EXPECT_EQ(json["cases"], Json::array());
  EXPECT_EQ(json["host"]["warnings"], Json::array());
  EXPECT_EQ(json["host"]["findings"], Json::array());
  EXPECT_EQ(json["plan"]["arguments"], Json::array());
}

TEST(DocumentJson, WritesListsOfAnyLengthAsLists) {
  // Two strings in braces are what an object's member looks like to the JSON library.
  Document document;
  document.plan.arguments = {"--writer", "write"};
  document.host.findings = {{.what = "one"}};
  const Json json = frame_to_json(document);
  EXPECT_EQ(json["plan"]["arguments"].dump(), R"(["--writer","write"])");
  EXPECT_EQ(json["host"]["warnings"].dump(), R"(["one"])");
}

TEST(DocumentJson, HasFindingsAsObjectsAndAsSentences) {
  Document document;
  document.host.findings = {
      {.what = "A is B."},
      {.severity = Severity::blocker, .figures = {"c", "d"}, .what = "E.", .why = "F.", .mend = "g"}};
  const Json host = frame_to_json(document)["host"];
  EXPECT_EQ(host["warnings"].dump(), R"(["A is B.","c, d: E. F. As root: `g`"])");
  EXPECT_EQ(host["findings"][0].dump(),
            R"({"severity":"note","figures":[],"about":null,"what":"A is B.","why":null,"mend":null,"advice":null})");
  EXPECT_EQ(
      host["findings"][1].dump(),
      R"({"severity":"blocker","figures":["c","d"],"about":null,"what":"E.","why":"F.","mend":"g","advice":null})");
}

TEST(DocumentJson, KeepsWhatASearchFound) {
  Document document;
  document.plan.tuning = {.needs = {Need::fresh, Need::no_spin}, .considered = 9, .tried = 3, .fastest = "a"};
  document.plan.tuning->code = "int main(void) {}\n";
  std::stringstream file;
  write_json(file, document);
  const auto read = read_json(file, "x.json").document.plan.tuning;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->needs, document.plan.tuning->needs);
  EXPECT_EQ(read->considered, 9U);
  EXPECT_EQ(read->fastest, "a");
  EXPECT_EQ(read->runner_up, "");
  EXPECT_FALSE(read->ratio);
  EXPECT_EQ(read->code, document.plan.tuning->code);
}

TEST(DocumentJson, TellsContextAndPlan) {
  Document document;
  document.tool = {"0.1.0", "abc", "g++ 12", "-O3"};
  document.host.kernel = "6.1";
  document.host.hypervisor = "kvm";
  document.host.page_size_bytes = 4096;
  document.host.pipe_max_size_bytes = 1048576;
  document.plan.seed = std::numeric_limits<std::uint64_t>::max();
  document.plan.order = Order::shuffled;
  document.plan.rounds = 10;
  document.plan.time_seconds = 0.5;
  document.plan.started = "2024-01-01T00:00:00Z";
  document.plan.complete = true;
  const Json json = frame_to_json(document);
  EXPECT_EQ(json["tool"].dump(), R"({"version":"0.1.0","commit":"abc","compiler":"g++ 12","flags":"-O3"})");
  EXPECT_EQ(json["host"]["kernel"], "6.1");
  EXPECT_EQ(json["host"]["hypervisor"], "kvm");
  EXPECT_EQ(json["host"]["page_size_bytes"], 4096);
  EXPECT_EQ(json["host"]["pipe_max_size_bytes"], 1048576);
  EXPECT_EQ(
      json["plan"].dump(),
      R"({"seed":18446744073709551615,"order":"shuffled","rounds":10,"precision":null,"budget_seconds":null,"steady":false,"ceilings":false,)"
      R"("imprecise":null,"time_seconds":0.5,"bytes":null,"baseline":null,)"
      R"("cases":0,"estimated_seconds":null,"longest_seconds":null,"arguments":[],)"
      R"("started":"2024-01-01T00:00:00Z","finished":null,"complete":true,"other_pipebenches":null,"tuning":null})");
}

TEST(DocumentJson, WritesNullForWhatIsNotKnown) {
  const Json json = frame_to_json(Document{});
  for (const char* key : {"kernel", "cpu_model", "hypervisor", "topology", "thp", "pipe_max_size_bytes", "psi",
                          "mitigations", "governor", "load_average"}) {
    EXPECT_TRUE(json["host"][key].is_null()) << key;
  }
  for (const char* key : {"time_seconds", "bytes", "finished"}) EXPECT_TRUE(json["plan"][key].is_null()) << key;
}

TEST(CaseJson, HasTheDocumentedKeysInOrder) {
  const Json json = to_json(measured());
  EXPECT_EQ(keys(json), (Keys{"name", "section", "varied", "spec", "sampling", "status", "reason", "reason_kind",
                              "obtained", "traits", "verify", "samples", "counting", "summary", "ceilings",
                              "only_for_ceilings", "profile", "notes"}));
  EXPECT_EQ(keys(json["spec"]),
            (Keys{"writer",     "reader",         "wait",           "pages",     "buffer_bytes", "buffers",
                  "pipe_bytes", "writer_cpu",     "reader_cpu",     "relation",  "streams",      "stream_cpus",
                  "stripe",     "writer_threads", "reader_threads", "isolation", "membind",      "payload",
                  "consume",    "gift",           "contiguous",     "no_touch",  "lock",         "exec",
                  "depth",      "sqpoll",         "registered",     "latency",   "message_bytes"}));
  EXPECT_EQ(keys(json["sampling"]),
            (Keys{"time_seconds", "bytes", "warmup_seconds", "rounds", "timeout_seconds", "strict", "verify",
                  "counters", "hardware_events", "profile_hz", "conditions"}));
  EXPECT_EQ(keys(json["obtained"]),
            (Keys{"pipe_bytes", "pages", "writer_node", "reader_node", "writer_nodes", "reader_nodes"}));
  EXPECT_EQ(keys(json["traits"]), (Keys{"copies", "payload", "touched", "safe", "transport", "moves_bytes"}));
  EXPECT_EQ(keys(json["summary"]), (Keys{"n",
                                         "median_gib_per_second",
                                         "ci95_low",
                                         "ci95_high",
                                         "ci_coverage",
                                         "mad",
                                         "min",
                                         "max",
                                         "outliers",
                                         "ns_per_page",
                                         "cpu_seconds_per_gib",
                                         "writer_ns_per_page",
                                         "reader_ns_per_page",
                                         "turns_ns_per_page",
                                         "turns_ns_per_page_ci95_low",
                                         "turns_ns_per_page_ci95_high",
                                         "latency",
                                         "round_trip",
                                         "writer",
                                         "reader",
                                         "stream_gib_per_second",
                                         "fairness",
                                         "writer_thread_shares",
                                         "reader_thread_shares",
                                         "ratio",
                                         "ratio_ci95_low",
                                         "ratio_ci95_high",
                                         "relative_to",
                                         "sleeps_per_second",
                                         "explanation",
                                         "stable",
                                         "doubts",
                                         "advice"}));
}

TEST(CaseJson, HasTheSameKeysForBothEnds) {
  const Keys expected{"calls",
                      "short_calls",
                      "would_block",
                      "waits",
                      "user_seconds",
                      "system_seconds",
                      "voluntary_switches",
                      "involuntary_switches",
                      "minor_faults",
                      "migrations",
                      "cycles",
                      "instructions",
                      "cache_misses",
                      "dtlb_misses",
                      "hardware_enabled_seconds",
                      "hardware_counting_seconds"};
  const Json sample = to_json(measured())["samples"][0];
  EXPECT_EQ(keys(sample), (Keys{"round",
                                "set_aside",
                                "bytes",
                                "seconds",
                                "gib_per_second",
                                "stream_gib_per_second",
                                "stream_bytes",
                                "writer_thread_bytes",
                                "reader_thread_bytes",
                                "counted_bytes",
                                "counted_seconds",
                                "worker_seconds",
                                "both_ends_seconds",
                                "both_ends_system_seconds",
                                "clock_ns",
                                "turns_ns_per_page",
                                "writer_turns",
                                "reader_turns",
                                "latency",
                                "round_trip",
                                "conditions",
                                "writer",
                                "reader"}));
  EXPECT_EQ(keys(sample["conditions"]),
            (Keys{"handover_ns_before", "handover_ns_after", "writer_ns_per_add", "reader_ns_per_add", "steal_seconds",
                  "involuntary_switches", "run_queue_seconds", "writer_frequency_hz", "reader_frequency_hz"}));
  EXPECT_EQ(keys(sample["writer"]), expected);
  EXPECT_EQ(keys(sample["reader"]), expected);
}

TEST(CaseJson, WritesEveryChoiceOfTheSpec) {
  EXPECT_EQ(
      to_json(measured())["spec"].dump(),
      R"({"writer":"vmsplice","reader":"splice","wait":"busy-poll","pages":"thp","buffer_bytes":262144,"buffers":2,"pipe_bytes":131072,)"
      R"("writer_cpu":2,"reader_cpu":3,"relation":"cross-package","streams":1,"stream_cpus":[[2,3]],"stripe":1,"writer_threads":1,"reader_threads":1,)"
      R"("isolation":"threads","membind":"any","payload":"static","consume":"none",)"
      R"("gift":true,"contiguous":false,"no_touch":true,"lock":false,"exec":null,"depth":1,"sqpoll":false,"registered":false,"latency":true,"message_bytes":64})");
}

TEST(CaseJson, WritesWhatWasObtainedAndTheTraits) {
  const Json json = to_json(measured());
  EXPECT_EQ(
      json["obtained"].dump(),
      R"({"pipe_bytes":131072,"pages":"mixed","writer_node":0,"reader_node":null,"writer_nodes":[0],"reader_nodes":[]})");
  EXPECT_EQ(json["traits"].dump(),
            R"({"copies":1,"payload":"replay","touched":"writer","safe":false,"transport":"pipe","moves_bytes":true})");
  EXPECT_EQ(json["notes"].dump(), R"(["Asked for thp, got mixed."])");
  EXPECT_EQ(json["summary"]["doubts"].dump(), R"(["few-samples"])");
  EXPECT_EQ(
      json["summary"]["advice"].dump(),
      R"(["A 95 % interval needs at least 6 samples; take more rounds (--rounds, and --budget if there is one)."])");
  EXPECT_EQ(json["summary"]["stable"], false);
  EXPECT_TRUE(json["verify"].is_null());
}

TEST(CaseJson, TellsAMeasuredZeroFromAMissingFigure) {
  const Json sample = to_json(measured())["samples"][0];
  EXPECT_EQ(sample["gib_per_second"], 4.0);
  EXPECT_EQ(sample["round"], 3);
  EXPECT_EQ(sample["writer"]["calls"], 7);
  EXPECT_EQ(sample["writer"]["user_seconds"], 0.25);
  EXPECT_TRUE(sample["writer"]["minor_faults"].is_null());
  EXPECT_TRUE(sample["reader"]["user_seconds"].is_null());
  EXPECT_EQ(sample["reader"]["minor_faults"], 0);
}

TEST(CaseJson, WritesNullForWhatIsNotFinite) {
  CaseResult result = measured();
  result.samples[0].seconds = 0;
  result.summary->ci95_low = std::numeric_limits<double>::quiet_NaN();
  result.summary->cpu_seconds_per_gib = std::numeric_limits<double>::infinity();
  const Json json = to_json(result);
  EXPECT_TRUE(json["samples"][0]["gib_per_second"].is_null());
  EXPECT_TRUE(json["summary"]["ci95_low"].is_null());
  EXPECT_TRUE(json["summary"]["cpu_seconds_per_gib"].is_null());
}

TEST(CaseJson, OfAPlannedCaseHasNoSamplesAndNoSummary) {
  const Json json = to_json(CaseResult{});
  EXPECT_EQ(json["status"], "planned");
  EXPECT_EQ(json["samples"], Json::array());
  EXPECT_EQ(json["notes"], Json::array());
  for (const char* key : {"section", "reason", "obtained", "verify", "summary"})
    EXPECT_TRUE(json[key].is_null()) << key;
  for (const char* key : {"pipe_bytes", "writer_cpu", "reader_cpu", "relation"})
    EXPECT_TRUE(json["spec"][key].is_null()) << key;
}

TEST(CaseJson, SaysWhyACaseDidNotRun) {
  CaseResult result;
  result.status = Status::skipped;
  result.reason = "null pairs only with null.";
  const Json json = to_json(result);
  EXPECT_EQ(json["status"], "skipped");
  EXPECT_EQ(json["reason"], "null pairs only with null.");
}

TEST(CaseJson, GivesTheLengthOfASampleInSecondsOrInBytes) {
  CaseResult result;
  EXPECT_EQ(
      to_json(result)["sampling"].dump(),
      R"({"time_seconds":0.5,"bytes":null,"warmup_seconds":0.1,"rounds":10,"timeout_seconds":10.0,"strict":false,"verify":false,"counters":true,"hardware_events":false,"profile_hz":null,"conditions":true})");
  result.sampling.bytes = 1048576;
  EXPECT_EQ(
      to_json(result)["sampling"].dump(),
      R"({"time_seconds":null,"bytes":1048576,"warmup_seconds":0.1,"rounds":10,"timeout_seconds":10.0,"strict":false,"verify":false,"counters":true,"hardware_events":false,"profile_hz":null,"conditions":true})");
}

// ---------------------------------------------------------------------------------------------- reading

/// Something in every place of the record of a host.
Host full_host() {
  Host host;
  host.kernel = "6.1";
  host.cpu_model = "AMD EPYC";
  host.hypervisor = "KVM";
  host.topology = "Package:1";
  host.page_size_bytes = 4096;
  host.pipe_max_size_bytes = 1048576;
  host.findings = {{.severity = Severity::warning, .what = "This is a virtual machine."},
                   {.figures = {"governor"}, .what = "caf\xc3\xa9.", .why = "Why.", .mend = "mend it"}};
  return host;
}

PlanRecord full_plan() {
  PlanRecord plan;
  plan.seed = 5;
  plan.baseline = "vmsplice-splice";
  plan.order = Order::shuffled;
  plan.goals = {.precision = 0.02, .budget_seconds = 60, .steady = true};
  plan.imprecise = {"a", "b"};
  plan.time_seconds = 0.1;
  plan.arguments = {"--writer", "write"};
  plan.started = "2024-01-01T00:00:00Z";
  plan.finished = "2024-01-01T00:01:00Z";
  return plan;
}

void fill(Sample& sample) {
  sample.stream_bytes = {1, (1ULL << 31U) - 1};
  sample.counted_bytes = 3ULL << 30U;
  sample.counted_seconds = 0.75;
  sample.worker_seconds = 0.25;
  sample.both_ends_seconds = 0.75;
  sample.both_ends_system_seconds = 0.5;
  sample.set_aside = true;
  sample.conditions = {
      .handover_ns_before = 40.5, .steal_seconds = 0, .involuntary_switches = 12, .run_queue_seconds = 0.25};
  sample.clock_ns = 20.5;
  sample.writer_turns = {.count = 10'000,
                         .min_ns_per_page = 14.5,
                         .q1_ns_per_page = 15,
                         .median_ns_per_page = 15.25,
                         .q3_ns_per_page = 16};
  sample.seconds = 0.1 + 0.2;  // needs all its digits
}

void fill(Summary& summary) {
  summary.fairness = 0.75;
  summary.stream_gib_per_second = {1.5, 2.5};
  summary.ratio = 2.5;
  summary.ratio_ci95_low = 2;
  summary.ratio_ci95_high = 3;
  summary.relative_to = "vmsplice-splice";
  summary.sleeps_per_second = 41000;
  summary.explanation = Explanation{.condition = Condition::steal,
                                    .low = {.count = 6, .condition = 0, .figure = 65},
                                    .high = {.count = 4, .condition = 0.25, .figure = 40.5},
                                    .undecided = 1};
  summary.ci95_low = std::numeric_limits<double>::quiet_NaN();
}

/// Two streams, torn.
CaseResult full_case() {
  CaseResult result = measured();
  result.varied = {{"streams", "2"}, {"membind", "node:1"}};
  result.spec.streams = 2;
  result.spec.further_placements = {{4, 5, Relation::cross_package}};
  result.spec.membind = Membind::node;
  result.spec.membind_node = 1;
  result.spec.writer_threads = 2;
  result.spec.reader_threads = 3;
  result.sampling.bytes = 1U << 20U;
  result.sampling.strict = result.sampling.verify = true;
  result.status = Status::failed;
  result.reason = "It was torn.";
  result.verify = Verification{.outcome = Outcome::torn,
                               .reason = "Byte 8.",
                               .zero_copy = true,
                               .bytes = 4096,
                               .offset = 8,
                               .expected = std::numeric_limits<std::uint64_t>::max(),
                               .found = 0};
  fill(result.samples[0]);
  fill(*result.summary);
  return result;
}

/// Something in every place that a document has.
Document full_document() {
  Document document;
  document.tool = {"0.1.0", "abc", "g++ 12", "-O3"};
  document.host = full_host();
  document.plan = full_plan();
  document.cases = {measured(), full_case(), CaseResult{}};
  document.cases[2].spec.placement = {};
  return document;
}

std::string written(const Document& document) {
  std::ostringstream text;
  write_json(text, document);
  return std::move(text).str();
}

ReadDocument read(const std::string& text) {
  std::istringstream in(text);
  return read_json(in, "x.json");
}

/// What is said when `text` is read; empty when nothing is wrong.
std::string refusal_of(const std::string& text) {
  return refusal([&] { (void)read(text); });
}

/// The full document with one text in it replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = written(full_document());
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ReadJson, GivesTheSameBytesWhenItIsWrittenAgain) {
  for (const Document& document : {full_document(), Document{}}) {
    const std::string text = written(document);
    const ReadDocument again = read(text);
    EXPECT_EQ(written(again.document), text);
    EXPECT_TRUE(again.unknown_keys.empty());
  }
}

TEST(ReadJson, FillsEveryMember) {
  const Document document = read(written(full_document())).document;
  const CaseResult& second = document.cases.at(1);
  EXPECT_EQ(second.varied, full_document().cases[1].varied);
  EXPECT_EQ(second.spec, full_document().cases[1].spec);
  EXPECT_EQ(second.sampling.bytes, 1U << 20U);
  EXPECT_TRUE(second.sampling.strict);
  EXPECT_EQ(second.verify->outcome, Outcome::torn);
  EXPECT_EQ(second.verify->expected, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(second.samples.at(0).seconds, 0.1 + 0.2);
  EXPECT_EQ(second.samples[0].writer[Counter::calls], 7);
  EXPECT_FALSE(second.samples[0].writer[Counter::migrations]);
  EXPECT_TRUE(second.samples[0].set_aside);
  EXPECT_FALSE(document.cases[0].samples.at(0).set_aside);
  EXPECT_EQ(document.plan.goals.precision, 0.02);
  EXPECT_EQ(document.plan.goals.budget_seconds, 60);
  EXPECT_TRUE(document.plan.goals.steady);
  EXPECT_EQ(document.plan.imprecise, (Keys{"a", "b"}));
  EXPECT_EQ(second.samples[0].conditions.handover_ns_before, 40.5);
  EXPECT_FALSE(second.samples[0].conditions.handover_ns_after);
  EXPECT_EQ(second.samples[0].conditions.steal_seconds, 0);
  EXPECT_EQ(second.samples[0].conditions.involuntary_switches, 12);
  EXPECT_EQ(second.samples[0].conditions.run_queue_seconds, 0.25);
  EXPECT_EQ(second.samples[0].both_ends_seconds, 0.75);
  EXPECT_EQ(second.samples[0].both_ends_system_seconds, 0.5);
  EXPECT_EQ(document.host.findings.at(0).severity, Severity::warning);
  EXPECT_EQ(sentence_of(document.host.findings.at(1)), "governor: caf\xc3\xa9. Why. As root: `mend it`");
  EXPECT_FALSE(document.cases[2].spec.placement.writer_cpu);
  EXPECT_EQ(second.summary->explanation->condition, Condition::steal);
  EXPECT_EQ(second.summary->explanation->high.figure, 40.5);
  EXPECT_FALSE(second.summary->explanation->high.is_price);
}

TEST(ReadJson, TellsPricesFromSpeeds) {
  Document document = full_document();
  for (ConditionGroup* group :
       {&document.cases[1].summary->explanation->low, &document.cases[1].summary->explanation->high})
    group->is_price = true;
  const Json high = to_json(document.cases[1])["summary"]["explanation"]["high"];
  EXPECT_EQ(high["ns_per_page"], 40.5);
  EXPECT_TRUE(high["gib_per_second"].is_null());
  const Document again = read(written(document)).document;
  EXPECT_EQ(again.cases[1].summary->explanation->high.figure, 40.5);
  EXPECT_TRUE(again.cases[1].summary->explanation->high.is_price);
}

TEST(ReadJson, GivesWhatTheSameSummariesFollowFrom) {
  Document document = full_document();
  document.cases[1].name = "other";
  document.cases[1].samples[0].set_aside = false;
  document.cases[1].samples[0].writer_turns = {};  // half a price is no figure
  document.plan.baseline = "other";
  document.plan.others = 2;
  summarize(document);
  ASSERT_EQ(document.cases[0].summary->relative_to, "other");
  const std::string text = written(document);
  Document again = read(text).document;
  for (CaseResult& result : again.cases) result.summary.reset();
  summarize(again);
  EXPECT_EQ(written(again), text);
}

TEST(ReadJson, DoesNotMindTheOrderOfKeys) {
  const std::string text = changed(R"("seed": 5,
    "order": "shuffled",)",
                                   R"("order": "shuffled",
    "seed": 5,)");
  EXPECT_EQ(written(read(text).document), written(full_document()));
}

TEST(ReadJson, NamesTheKeysThatItDoesNotKnow) {
  std::string text = changed(R"("kernel": "6.1")", R"("colour": {"a": [1]}, "kernel": "6.1")");
  for (int i = 0; i < 2; ++i) {
    const std::string round = R"("round": 3)";
    const auto at = text.rfind(round);
    text.replace(at, round.size(), R"("mood": "good", "round": 4)");
  }
  EXPECT_EQ(read(text).unknown_keys, (Keys{"cases[].samples[].mood", "host.colour"}));
}

TEST(ReadJson, RefusesWhatIsNotJson) {
  EXPECT_NE(refusal_of("").find("x.json: it is not JSON"), std::string::npos) << refusal_of("");
  EXPECT_NE(refusal_of("name,status\n").find("x.json: it is not JSON"), std::string::npos);
  const std::string whole = written(full_document());
  EXPECT_NE(refusal_of(whole.substr(0, whole.size() / 2)).find("x.json: it is not JSON"), std::string::npos);
  EXPECT_NE(refusal_of(changed("0.1,", "1e999,")).find("x.json: it is not JSON"), std::string::npos);
  EXPECT_LT(refusal_of("{\"schema\": \"" + std::string(100000, 'x')).size(), 500U) << "as much as says which";
  EXPECT_TRUE(holds(refusal_of(whole + std::string(1, '\0') + whole), "something comes after the end"));
}

std::string meaning_of(std::string_view group, std::string_view key) {
  for (const KeyGroup& each : documented_keys()) {
    const auto at = std::ranges::find(each.keys, key, &KeyText::key);
    if (each.name == group && at != each.keys.end()) return at->meaning;
  }
  return "";
}

TEST(DocumentedKeys, HaveTheWordsOfTheirEnumerations) {
  for (const auto& word : names<Doubt>)
    EXPECT_TRUE(holds(meaning_of("summary", "doubts"), fmt::format("`{}`", word.name))) << word.name;
  for (const auto& word : names<Status>)
    EXPECT_TRUE(holds(meaning_of("cases", "status"), fmt::format("`{}`: {}", word.name, word.summary))) << word.name;
  for (const KeyGroup& group : documented_keys()) {
    for (const KeyText& key : group.keys) {
      for (const char* place : {"{words}", "{meanings}"}) EXPECT_FALSE(holds(key.meaning, place)) << key.key;
    }
  }
}

TEST(ReadJson, RefusesAnotherSchema) {
  EXPECT_EQ(refusal_of(R"({"schema": "pipebench/2", "cases": [{}]})"),
            "x.json: its schema is \"pipebench/2\"; this version of pipebench reads \"pipebench/1\".");
  EXPECT_EQ(refusal_of(R"({"version": 4})"), "x.json: the document: the key \"schema\" is missing.");
  EXPECT_EQ(refusal_of("[]"), "x.json: the document: an object is expected, not [].");
}

TEST(ReadJson, RefusesASchemaThatComesLast) {
  const std::string end = R"(, "schema": "pipebench/2"})";
  const std::string said = "x.json: its schema is \"pipebench/2\"; this version of pipebench reads \"pipebench/1\".";
  EXPECT_EQ(refusal_of(R"({"cases": [7, {}])" + end), said);
  EXPECT_EQ(refusal_of(R"({"cases": [7, {}], "schema": "pipebench/1"})"),
            "x.json: cases[0]: an object is expected, not 7.");
  EXPECT_EQ(refusal_of(R"({"schema": ["pipebench/1"], "cases": []})"),
            "x.json: its schema is [\"pipebench/1\"]; this version of pipebench reads \"pipebench/1\".");
}

/// What is said of the full document when its list of cases is replaced.
std::string refusal_of_cases(const std::string& cases) {
  const std::string whole = written(full_document());
  return refusal_of(whole.substr(0, whole.find("\"cases\": [") + 9) + cases + "}");
}

TEST(ReadJson, RefusesCasesThatAreNoList) {
  const std::string one = to_json(measured()).dump();
  ASSERT_EQ(refusal_of_cases("[" + one + "]"), "accepted");
  EXPECT_EQ(refusal_of_cases("null"), "x.json: cases: a list is expected, not null.");
  EXPECT_EQ(refusal_of_cases("\"none\""), "x.json: cases: a list is expected, not \"none\".");
  EXPECT_EQ(refusal_of_cases("{}"), "x.json: cases: a list is expected, not {}.");
  const std::string named = refusal_of_cases("{\"a\": " + one + "}");
  EXPECT_TRUE(named.starts_with("x.json: cases: a list is expected, not {\"a\":")) << named;
}

TEST(ReadJson, RefusesElementsThatAreNoCases) {
  const std::string one = to_json(measured()).dump();
  EXPECT_EQ(refusal_of_cases("[1, \"x\", null]"), "x.json: cases[0]: an object is expected, not 1.");
  EXPECT_EQ(refusal_of_cases("[" + one + "," + one + ", 7]"), "x.json: cases[2]: an object is expected, not 7.");
  EXPECT_EQ(refusal_of_cases("[" + one + ", null]"), "x.json: cases[1]: an object is expected, not null.");
  const std::string nested = refusal_of_cases("[[" + one + "]]");
  EXPECT_TRUE(nested.starts_with("x.json: cases[0]: an object is expected, not [{\"name\":")) << nested;
}

TEST(ReadJson, RefusesElementsThatAreNoSamples) {
  Json one = to_json(measured());
  const auto with_samples = [&](const Json& samples) {
    one["samples"] = samples;
    return refusal_of_cases("[" + to_json(measured()).dump() + "," + one.dump() + "]");
  };
  EXPECT_EQ(with_samples(Json::array()), "accepted");
  EXPECT_EQ(with_samples(nullptr), "x.json: cases[1].samples: a list is expected, not null.");
  const Json good = to_json(measured())["samples"][0];
  EXPECT_EQ(with_samples(Json::array({good, good, 7})), "x.json: cases[1].samples[2]: an object is expected, not 7.");
  EXPECT_EQ(with_samples(Json::array({good, Json::array()})),
            "x.json: cases[1].samples[1]: an object is expected, not [].");
}

TEST(ReadJson, KeepsTheSamplesOfEachCaseApart) {
  Document document;
  document.cases = {measured(), measured(), measured()};
  document.cases[0].samples.resize(3);
  document.cases[1].samples.clear();
  for (const std::string& text : {written(document), Json::parse(written(document)).dump()})
    EXPECT_EQ(written(read(text).document), written(document));
}

TEST(ReadJson, SaysWhereAKeyIsMissingOrWrong) {
  EXPECT_EQ(refusal_of(changed(R"("seed": 5)", R"("seed": -5)")),
            "x.json: plan.seed: a whole number from 0 to 18446744073709551615 is expected, not -5.");
  EXPECT_EQ(refusal_of(changed(R"("seed": 5,)", "")), "x.json: plan: the key \"seed\" is missing.");
  EXPECT_EQ(refusal_of(changed(R"("round": 3)", R"("round": "three")")),
            "x.json: cases[0].samples[0].round: a whole number from 0 to 4294967295 is expected, not \"three\".");
  EXPECT_EQ(refusal_of(changed(R"("status": "failed")", R"("status": "so-so")")),
            "x.json: cases[1].status: one of \"ok\", \"skipped\", \"failed\", \"planned\" is expected, not \"so-so\".");
  EXPECT_EQ(refusal_of(changed(R"("membind": "any")", R"("membind": "node:x")")),
            "x.json: cases[0].spec.membind: a memory binding is expected, not \"node:x\".");
  EXPECT_EQ(refusal_of(changed(R"("writer_threads": 1)", R"("writer_threads": "two")")),
            "x.json: cases[0].spec.writer_threads: a whole number from 0 to 4294967295 is expected, not \"two\".");
  EXPECT_EQ(refusal_of(changed(R"("seconds": 0.5)", R"("seconds": "0.5")")),
            "x.json: cases[0].samples[0].seconds: a number or null is expected, not \"0.5\".");
}

TEST(ReadJson, MissesNoKeysThatCameLaterAndMayBeNull) {
  nlohmann::ordered_json earlier = nlohmann::ordered_json::parse(written(full_document()));
  earlier["host"]["turbo"] = nullptr;
  const std::string with_null = earlier.dump();
  earlier["host"].erase("turbo");
  earlier["cases"][0]["samples"][0].erase("gib_per_second");  // follows from others
  EXPECT_EQ(refusal_of(earlier.dump()), "accepted");
  EXPECT_EQ(written(read(earlier.dump()).document), written(read(with_null).document));
}

TEST(ReadJson, RefusesDeepNesting) {
  const std::string deep = R"({"schema": "pipebench/1", "tool": )" + std::string(100'000, '[');
  EXPECT_EQ(refusal_of(deep), "x.json: it is nested too deeply to be results.");
}

}  // namespace
}  // namespace pipebench
