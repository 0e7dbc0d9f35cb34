#include "pipebench/model/json.hpp"

#include <gtest/gtest.h>

#include <limits>

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
  result.traits = {1, true, Touched::writer, false};
  result.status = Status::ok;
  result.obtained = Obtained{131072, "mixed", {0}, {}};
  Sample sample;
  sample.round = 3;
  sample.bytes = 2ULL << 30U;
  sample.seconds = 0.5;
  sample.writer.calls = 7;
  sample.writer.user_seconds = 0.25;
  sample.reader.minor_faults = 0;
  result.samples = {sample};
  Summary summary;
  summary.n = 1;
  summary.median_gib_per_second = 4;
  summary.ci_coverage = 0.5;
  summary.stable = false;
  summary.advice = {"Take more rounds."};
  result.summary = summary;
  result.notes = {"Asked for thp, got mixed."};
  return result;
}

TEST(DocumentJson, HasTheDocumentedKeysInOrder) {
  const Json json = to_json(Document{});
  EXPECT_EQ(keys(json), (Keys{"schema", "tool", "host", "plan", "cases"}));
  EXPECT_EQ(json["schema"], "pipebench/1");
  EXPECT_EQ(keys(json["tool"]), (Keys{"version", "commit", "compiler", "flags"}));
  EXPECT_EQ(keys(json["host"]),
            (Keys{"kernel", "cpu_model", "hypervisor", "topology", "page_size_bytes", "thp", "pipe_max_size_bytes",
                  "psi", "mitigations", "governor", "load_average", "warnings"}));
  EXPECT_EQ(keys(json["plan"]), (Keys{"seed", "order", "rounds", "time_seconds", "bytes", "cases", "estimated_seconds",
                                      "arguments", "started", "finished", "complete"}));
}

TEST(DocumentJson, KeepsEmptyListsAsLists) {
  const Json json = to_json(Document{});
  EXPECT_EQ(json["cases"], Json::array());
  EXPECT_EQ(json["host"]["warnings"], Json::array());
  EXPECT_EQ(json["plan"]["arguments"], Json::array());
}

TEST(DocumentJson, WritesListsOfAnyLengthAsLists) {
  // Two strings in braces are what an object's member looks like to the JSON library.
  Document document;
  document.plan.arguments = {"--writer", "write"};
  document.host.warnings = {"one"};
  document.cases.resize(2);
  const Json json = to_json(document);
  EXPECT_EQ(json["plan"]["arguments"].dump(), R"(["--writer","write"])");
  EXPECT_EQ(json["host"]["warnings"].dump(), R"(["one"])");
  ASSERT_TRUE(json["cases"].is_array());
  EXPECT_EQ(json["cases"].size(), 2U);
}

TEST(DocumentJson, TellsContextAndPlan) {
  Document document;
  document.tool = {"0.1.0", "abc", "g++ 12", "-O3"};
  document.host.kernel = "6.1";
  document.host.hypervisor = "kvm";
  document.host.pipe_max_size_bytes = 1048576;
  document.plan.seed = std::numeric_limits<std::uint64_t>::max();
  document.plan.order = "shuffled";
  document.plan.rounds = 10;
  document.plan.time_seconds = 0.5;
  document.plan.started = "2024-01-01T00:00:00Z";
  document.plan.complete = true;
  const Json json = to_json(document);
  EXPECT_EQ(json["tool"].dump(), R"({"version":"0.1.0","commit":"abc","compiler":"g++ 12","flags":"-O3"})");
  EXPECT_EQ(json["host"]["kernel"], "6.1");
  EXPECT_EQ(json["host"]["hypervisor"], "kvm");
  EXPECT_EQ(json["host"]["page_size_bytes"], 4096);
  EXPECT_EQ(json["host"]["pipe_max_size_bytes"], 1048576);
  EXPECT_EQ(
      json["plan"].dump(),
      R"({"seed":18446744073709551615,"order":"shuffled","rounds":10,"time_seconds":0.5,"bytes":null,)"
      R"("cases":0,"estimated_seconds":null,"arguments":[],"started":"2024-01-01T00:00:00Z","finished":null,"complete":true})");
}

TEST(DocumentJson, WritesNullForWhatIsNotKnown) {
  const Json json = to_json(Document{});
  for (const char* key : {"kernel", "cpu_model", "hypervisor", "topology", "thp", "pipe_max_size_bytes", "psi",
                          "mitigations", "governor", "load_average"}) {
    EXPECT_TRUE(json["host"][key].is_null()) << key;
  }
  for (const char* key : {"time_seconds", "bytes", "started", "finished"})
    EXPECT_TRUE(json["plan"][key].is_null()) << key;
}

TEST(CaseJson, HasTheDocumentedKeysInOrder) {
  const Json json = to_json(measured());
  EXPECT_EQ(keys(json), (Keys{"name", "section", "spec", "sampling", "status", "reason", "obtained", "traits", "verify",
                              "samples", "summary", "notes"}));
  EXPECT_EQ(keys(json["spec"]),
            (Keys{"writer",     "reader",         "wait",           "pages",     "buffer_bytes", "buffers",
                  "pipe_bytes", "writer_cpu",     "reader_cpu",     "relation",  "streams",      "stream_cpus",
                  "stripe",     "writer_threads", "reader_threads", "isolation", "membind",      "payload",
                  "consume",    "gift",           "contiguous",     "no_touch",  "lock"}));
  EXPECT_EQ(keys(json["sampling"]), (Keys{"time_seconds", "bytes", "warmup_seconds", "rounds", "timeout_seconds"}));
  EXPECT_EQ(keys(json["obtained"]),
            (Keys{"pipe_bytes", "pages", "writer_node", "reader_node", "writer_nodes", "reader_nodes"}));
  EXPECT_EQ(keys(json["traits"]), (Keys{"copies", "payload", "touched", "safe"}));
  EXPECT_EQ(keys(json["summary"]),
            (Keys{"n", "median_gib_per_second", "ci95_low", "ci95_high", "ci_coverage", "mad", "min", "max", "outliers",
                  "ns_per_page", "cpu_seconds_per_gib", "stream_gib_per_second", "fairness", "stable", "advice"}));
}

TEST(CaseJson, HasTheSameKeysForBothEnds) {
  const Keys expected{"calls",          "short_calls",        "would_block",          "waits",        "user_seconds",
                      "system_seconds", "voluntary_switches", "involuntary_switches", "minor_faults", "migrations",
                      "cycles",         "instructions",       "cache_misses",         "dtlb_misses"};
  const Json sample = to_json(measured())["samples"][0];
  EXPECT_EQ(keys(sample),
            (Keys{"round", "bytes", "seconds", "gib_per_second", "stream_gib_per_second", "writer", "reader"}));
  EXPECT_EQ(keys(sample["writer"]), expected);
  EXPECT_EQ(keys(sample["reader"]), expected);
}

TEST(CaseJson, WritesEveryChoiceOfTheSpec) {
  EXPECT_EQ(
      to_json(measured())["spec"].dump(),
      R"({"writer":"vmsplice","reader":"splice","wait":"busy-poll","pages":"thp","buffer_bytes":262144,"buffers":2,"pipe_bytes":131072,)"
      R"("writer_cpu":2,"reader_cpu":3,"relation":"cross-package","streams":1,"stream_cpus":[[2,3]],"stripe":1,"writer_threads":1,"reader_threads":1,)"
      R"("isolation":"threads","membind":"any","payload":"static","consume":"none",)"
      R"("gift":true,"contiguous":false,"no_touch":true,"lock":false})");
}

TEST(CaseJson, WritesWhatWasObtainedAndTheTraits) {
  const Json json = to_json(measured());
  EXPECT_EQ(
      json["obtained"].dump(),
      R"({"pipe_bytes":131072,"pages":"mixed","writer_node":0,"reader_node":null,"writer_nodes":[0],"reader_nodes":[]})");
  EXPECT_EQ(json["traits"].dump(), R"({"copies":1,"payload":"replay","touched":"writer","safe":false})");
  EXPECT_EQ(json["notes"].dump(), R"(["Asked for thp, got mixed."])");
  EXPECT_EQ(json["summary"]["advice"].dump(), R"(["Take more rounds."])");
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
  EXPECT_EQ(to_json(result)["sampling"].dump(),
            R"({"time_seconds":0.5,"bytes":null,"warmup_seconds":0.1,"rounds":10,"timeout_seconds":10.0})");
  result.sampling.bytes = 1048576;
  EXPECT_EQ(to_json(result)["sampling"].dump(),
            R"({"time_seconds":null,"bytes":1048576,"warmup_seconds":0.1,"rounds":10,"timeout_seconds":10.0})");
}

}  // namespace
}  // namespace pipebench
