// What people see of profiles, of results that are made up.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "golden.hpp"
#include "pipebench/analysis/profile.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

const std::string user(user_frame), unknown(unknown_frame);

Sample sample_of(double writer_seconds, double reader_seconds) {
  Sample sample;
  sample.bytes = std::uint64_t{1} << 30U;
  sample.seconds = sample.counted_seconds = 0.5;
  sample.counted_bytes = sample.bytes;
  for (const auto& [end, seconds] : {std::pair{&sample.writer, writer_seconds}, {&sample.reader, reader_seconds}}) {
    (*end)[Counter::user_seconds] = 0.2 * seconds;
    (*end)[Counter::system_seconds] = 0.8 * seconds;
  }
  return sample;
}

CaseResult measured(const std::string& name) {
  CaseResult result;
  result.name = name;
  result.spec.writer = "write";
  result.spec.reader = "read";
  result.status = Status::ok;
  result.samples = {sample_of(0.5, 0.3)};
  result.summary = Summary{.n = 3, .median_gib_per_second = 3.21, .cpu_seconds_per_gib = 0.5};
  result.summary->doubts = {Doubt::few_samples};
  return result;
}

void summarize(CaseResult& result) {
  const StrategyInfo writer{.name = "write", .summary = "copies", .copies = 1};
  const StrategyInfo reader{.name = "read", .summary = "copies", .role = Role::reader, .copies = 1};
  pipebench::summarize(result.profile->writer, {result.spec, writer, reader}, Role::writer);
  pipebench::summarize(result.profile->reader, {result.spec, writer, reader}, Role::reader);
}

CaseResult profiled(const std::string& name) {
  CaseResult result = measured(name);
  result.sampling.profile_hz = 997;
  const std::vector<std::string> entry{"vfs_write", "ksys_write", "do_syscall_64", "entry_SYSCALL_64_after_hwframe"};
  const auto below = [&](std::vector<std::string> inner) {
    inner.insert(inner.end(), entry.begin(), entry.end());
    return inner;
  };
  result.profile = Profile{.event = "cpu-clock", .event_scope = EventScope::cpu, .frequency_hz = 997};
  result.profile->writer.stacks = {{below({"rep_movs_alternative", "_copy_from_iter", "anon_pipe_write"}), 640},
                                   {below({"get_page_from_freelist", "anon_pipe_write"}), 250},
                                   {below({"clear_page_erms", "get_page_from_freelist", "anon_pipe_write"}), 70},
                                   {below({"unheard_of"}), 25},
                                   {{user}, 12}};
  result.profile->reader.stacks = {{{"_copy_to_iter", "anon_pipe_read", "vfs_read"}, 230},
                                   {{"finish_task_switch", "schedule", "anon_pipe_read", "vfs_read"}, 210},
                                   {{user}, 170}};
  result.profile->reader.lost = 3;
  result.profile->reader.throttled = 1;
  summarize(result);
  return result;
}

const Finding no_rights{.severity = Severity::blocker,
                        .what = "perf_event_open(2) does not allow cpu-clock.",
                        .mend = "sysctl -w kernel.perf_event_paranoid=1"};

/// The kernel does not say what its functions are called.
CaseResult without_names(const std::string& name) {
  CaseResult result = measured(name);
  result.profile = Profile{.event = "cpu-clock", .frequency_hz = 997};
  result.profile->obstacles = {{.what = "/proc/kallsyms hides the addresses of the kernel's functions.",
                                .mend = "sysctl -w kernel.kptr_restrict=0"}};
  result.profile->writer.stacks = {{{unknown, unknown}, 80}, {{user}, 20}};
  result.profile->reader.stacks = {{{unknown}, 50}};
  summarize(result);
  return result;
}

CaseResult without_rights(const std::string& name) {
  CaseResult result = measured(name);
  result.sampling.profile_hz = 997;
  result.profile = Profile{};
  result.profile->obstacles = {no_rights};
  return result;
}

Document document_of(std::vector<CaseResult> cases) {
  Document document;
  document.tool = {.version = "1.2.3", .commit = "", .compiler = "gcc", .flags = "-O2"};
  document.host.kernel = "6.18.0";
  document.host.cpu_model = "Quick CPU";
  document.plan = {.seed = 42,
                   .order = Order::shuffled,
                   .rounds = 3,
                   .time_seconds = 0.5,
                   .bytes = std::nullopt,
                   .cases = cases.size(),
                   .estimated_seconds = 6,
                   .arguments = {"profile"},
                   .started = "2024-01-02T03:04:05Z",
                   .finished = "2024-01-02T03:05:06Z",
                   .complete = true};
  document.cases = std::move(cases);
  return document;
}

Document document() {
  CaseResult failed;
  failed.name = "broken";
  failed.status = Status::failed;
  failed.reason = "It failed.";
  return document_of({profiled("write-read"), without_names("hidden"), failed});
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& line : split(text, '\n')) longest = std::max(longest, line.size());
  return longest;
}

TEST(Profiles, AreAsTheGoldenFile) {
  const std::string text = results_as_table(document(), {.call_trees = true});
  EXPECT_LE(longest_line(text), 80U) << text;
  expect_golden("profile.txt", text);
}
TEST(Profiles, InMarkdownAreAsTheGoldenFile) {
  expect_golden("profile.md", results_as_markdown(document(), {.call_trees = true}));
}

TEST(Profiles, HaveATreeOnRequest) {
  const Document document = document_of({profiled("write-read")});
  EXPECT_FALSE(holds(results_as_table(document, {}), "calls of"));
  EXPECT_FALSE(holds(results_as_markdown(document, {}), "calls of"));
  EXPECT_TRUE(holds(results_as_table(document, {.call_trees = true}), "calls of the reader"));
}

TEST(Profiles, OfFewSamplesSaySo) {
  const std::string text = results_as_table(document_of({profiled("write-read")}), {.width = 200});
  EXPECT_FALSE(holds(text, "percentage points")) << "610 samples of the reader";
  CaseResult few = profiled("write-read");
  few.profile->reader.stacks.front().count = few.profile->reader.stacks.back().count = 10;
  few.profile->reader.stacks[1].count = 80;
  summarize(few);
  EXPECT_TRUE(
      holds(results_as_table(document_of({few}), {.width = 200}), "shares are off by up to 10 percentage points;"));
}

TEST(Profiles, WithoutSamplesSaySo) {
  CaseResult none = profiled("write-read");
  none.profile->writer.stacks.clear();
  none.profile->reader.stacks.clear();
  summarize(none);
  const std::string text = results_as_table(document_of({none}), {.width = 200});
  EXPECT_TRUE(holds(text, "0 samples of the writer, 0 of the reader")) << text;
  EXPECT_TRUE(holds(text, "One end ran too briefly to be sampled; use a longer --time")) << text;
}

TEST(Profiles, OfOneEndAloneDoNotSayThatTheOtherRanTooBriefly) {
  CaseResult half = profiled("write-read");
  half.profile->reader = {.missing = "A buffer for samples may not be locked in memory."};
  half.profile->obstacles = {
      {.what = half.profile->reader.missing, .mend = "sysctl -w kernel.perf_event_mlock_kb=4096"}};
  summarize(half);
  const std::string text = results_as_table(document_of({half}), {.width = 200});
  EXPECT_TRUE(holds(text, "There are no samples of the reader; see below.")) << text;
  EXPECT_TRUE(holds(text, "missing: A buffer for samples may not be locked in memory.")) << text;
  EXPECT_FALSE(holds(text, "too briefly")) << text;
  EXPECT_FALSE(holds(text, "percentage points")) << "997 samples of the writer";
}

TEST(Profiles, OfNoEndSayWhyOnce) {
  CaseResult none = without_rights("a");
  none.profile->writer.missing = none.profile->reader.missing = no_rights.what;
  const std::string text = results_as_table(document_of({none}), {.width = 200});
  EXPECT_FALSE(holds(text, "see below")) << text;
}

TEST(Profiles, SayWhenSomeThreadsOfAnEndAreMissing) {
  CaseResult some = profiled("write-read");
  some.profile->reader.missing = "A buffer for samples may not be locked in memory.";
  some.profile->obstacles = {{.what = some.profile->reader.missing}};
  const std::string text = results_as_table(document_of({some}), {.width = 200});
  EXPECT_TRUE(holds(text, "Not every thread of the reader was sampled at all times; see below.")) << text;
}

TEST(Profiles, SayWhoseEventWasSampled) {
  CaseResult result = profiled("write-read");
  const auto facts = [&](std::optional<EventScope> scope) {
    result.profile->event_scope = scope;
    return results_as_table(document_of({result}), {.width = 200});
  };
  EXPECT_TRUE(holds(facts(EventScope::cpu), "(cpu-clock of their CPUs, 997 Hz)"));
  EXPECT_TRUE(holds(facts(EventScope::thread), "(cpu-clock of each thread, 997 Hz)"));
  EXPECT_TRUE(holds(facts(EventScope::mixed), "(cpu-clock of CPUs and of threads, 997 Hz)"));
  EXPECT_TRUE(holds(facts({}), "(cpu-clock, 997 Hz)")) << "an old file";
}

TEST(Profiles, HaveNoAdviceOnIntervals) {
  EXPECT_FALSE(holds(results_as_table(document_of({profiled("write-read")}), {}), "--rounds"));
}

TEST(Profiles, WithoutRightsSayWhatCountersTellAndWhatGivesTheRest) {
  const std::string text = results_as_table(document_of({without_rights("a"), without_rights("b")}), {});
  EXPECT_TRUE(holds(text, "the kernel    80 %   80 %\n")) << text;
  const std::string mend = "  sysctl -w kernel.perf_event_paranoid=1\n";
  EXPECT_TRUE(holds(text, "\n  " + mend)) << text;
  EXPECT_EQ(text.find(mend), text.rfind(mend)) << "once";
  EXPECT_TRUE(holds(text, "a: 3.21 GiB/s while profiled; no samples.\n")) << text;
}

TEST(Profiles, OfLittleCpuTimeSayThatItsSharesAreRough) {
  CaseResult result = without_rights("a");
  EXPECT_TRUE(holds(results_as_table(document_of({result}), {.width = 200}), "by timer ticks, up to 10 ms apart,"));
  result.samples = {sample_of(1.5, 1.25)};
  EXPECT_FALSE(holds(results_as_table(document_of({result}), {.width = 200}), "ticks"));
}

TEST(Profiles, WithoutRightsByTurnsHaveTheSharesOfBothEnds) {
  CaseResult result = without_rights("turns");
  result.spec.isolation = Isolation::none;
  result.samples = {Sample{}, Sample{}};
  for (Sample& sample : result.samples) {
    sample.both_ends_seconds = 0.25;
    sample.both_ends_system_seconds = 0.2;
  }
  const std::string text = results_as_table(document_of({result}), {.width = 200});
  EXPECT_TRUE(holds(text, "CPU time in both ends\n")) << text;
  EXPECT_TRUE(holds(text, "the kernel       80 %\n")) << text;
  EXPECT_TRUE(holds(text, "user code        20 %\n")) << text;
  EXPECT_TRUE(holds(text, "and the ends had less than a second of it")) << text;
}

TEST(Profiles, WithoutRightsOrCpuTimeSaySo) {
  CaseResult result = without_rights("a");
  result.samples = {Sample{}};
  for (const Isolation isolation : {Isolation::threads, Isolation::none}) {
    result.spec.isolation = isolation;
    const std::string text = results_as_table(document_of({result}), {.width = 200});
    EXPECT_TRUE(holds(text, "How much of the CPU time went to the kernel is not known, either.")) << text;
    EXPECT_FALSE(holds(text, "CPU time in")) << text;
  }
}

TEST(Profiles, OfUserCodeAloneHaveKindsOfWorkAndAConclusion) {
  CaseResult result = measured("null-null");
  result.profile = Profile{.event = "cpu-clock", .frequency_hz = 997};
  result.profile->writer.stacks = result.profile->reader.stacks = {{{user}, 1000}};
  summarize(result);
  const std::string text = results_as_table(document_of({result}), {.width = 200});
  EXPECT_FALSE(holds(text, "CPU time in")) << text;
  EXPECT_TRUE(holds(text, "User code takes most of the writer's time, 100 %.")) << text;
}

TEST(Profiles, ByTurnsSayWhatACallCosts) {
  CaseResult result = profiled("turns");
  result.spec.isolation = Isolation::none;
  result.summary->writer_ns_per_page = 51.25;
  result.summary->reader_ns_per_page = 45.5;
  result.samples[0].writer = result.samples[0].reader = {};
  const std::string text = results_as_table(document_of({result}), {.width = 200});
  EXPECT_TRUE(holds(text, "turns: 51.2 ns (writer) and 45.5 ns (reader) per 4 KiB while profiled; 997 samples of"))
      << text;
  EXPECT_FALSE(holds(text, "ran for")) << text;
}

TEST(Profiles, LetNothingThroughThatMustNotReachATerminal) {
  CaseResult result = profiled("\x1b[2J\xff");
  result.profile->writer.stacks.push_back({{"\x1b[2Jevil"}, 100});
  summarize(result);
  for (const auto render : {results_as_table, results_as_markdown}) {
    const std::string text = render(document_of({result}), {.call_trees = true});
    EXPECT_EQ(text.find_first_of("\x1b\xff"), std::string::npos) << text;
  }
}

TEST(Profiles, AsCsvHaveARowForEachKindOfWorkOfEachEnd) {
  const std::string text = results_as_csv(document_of({profiled("write-read")}), {});
  const std::vector<std::string> lines = split(text, '\n');
  EXPECT_EQ(lines[0], "name,end,kind,samples,share");
  EXPECT_TRUE(lines[1].starts_with("write-read,writer,copying,640,0.64")) << lines[1];
  EXPECT_TRUE(holds(text, "\nwrite-read,reader,scheduling,210,")) << text;
}

TEST(Profiles, AsCsvHaveTheSameColumnsWithoutSamples) {
  EXPECT_EQ(results_as_csv(document_of({without_rights("a")}), {}), "name,end,kind,samples,share\n");
  CaseResult failed;
  failed.status = Status::failed;
  failed.sampling.profile_hz = 997;
  EXPECT_EQ(results_as_csv(document_of({failed}), {}), "name,end,kind,samples,share\n");
}

TEST(Folded, ProfilesBeginWithCaseAndEnd) {
  const std::string text = profiles_as_folded(document(), {});
  EXPECT_TRUE(
      text.starts_with("write-read;writer;entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_write;vfs_write;"
                       "anon_pipe_write;_copy_from_iter;rep_movs_alternative 640\n"))
      << text;
  EXPECT_TRUE(holds(text, "\nwrite-read;reader;[user] 170\n"));
  EXPECT_TRUE(holds(text, "\nhidden;writer;[unknown];[unknown] 80\n"));
  EXPECT_EQ(profiles_as_folded(document_of({measured("write-read")}), {}), "");
}

TEST(Folded, TellsCasesApartWhoseNamesBecomeTheSame) {
  const std::string text = profiles_as_folded(
      document_of({without_names("a b"), without_names("a_b"), without_names("a;b"), without_names("a_b_2")}), {});
  for (const char* root : {"a_b", "a_b_2", "a_b_3", "a_b_2_2"})
    EXPECT_TRUE(holds("\n" + text, fmt::format("\n{};writer;[user] 20\n", root)));
}

}  // namespace
}  // namespace pipebench
