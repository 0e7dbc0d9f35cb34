#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/config_file.hpp"
#include "fake_machine.hpp"
#include "pipebench/strategies/registry.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Names = std::vector<std::string>;

Config parsed(const std::string& text) { return parse_config(text, "x.ini"); }
std::string refused(const std::string& text) {
  return refusal([&] { (void)parsed(text); });
}
const std::string& text_of(const OptionTexts& options, const std::string& key) { return options.at(key).at(0).text; }

std::vector<CaseResult> plan_of(const Config& config) {
  const Catalog catalog = whole_catalog();
  const Machine machine = fake_machine();
  std::vector<Group> groups;
  for (const ConfigSection& section : config.sections) {
    const OptionTexts options = with_overrides(config.defaults, section.options);
    groups.push_back({.name = section.name, .axes = axes_of(options), .sampling = sampling_of(options)});
  }
  const Plan plan(groups, {.catalog = catalog, .machine = machine});
  std::vector<CaseResult> cases;
  for (std::size_t i = 0; i < plan.size(); ++i) cases.push_back(plan.at(i));
  return cases;
}

TEST(ConfigDialect, IsSectionsKeysAndComments) {
  const Config config = parsed(
      "# a comment\n"
      "\n"
      "[defaults]\n"
      "  time = 20ms   # and another\n"
      "[first]\r\n"
      "writer=write, vmsplice\r\n"
      "\treader\t=\tread\n"
      "[ second one ]\n"
      "gift = on");
  EXPECT_EQ(config.name, "x.ini");
  EXPECT_EQ(text_of(config.defaults, "time"), "20ms");
  ASSERT_EQ(config.sections.size(), 2U);
  EXPECT_EQ(config.sections[0].name, "first");
  EXPECT_EQ(text_of(config.sections[0].options, "writer"), "write, vmsplice");
  EXPECT_EQ(text_of(config.sections[0].options, "reader"), "read");
  EXPECT_EQ(config.sections[1].name, "second one");
  EXPECT_EQ(text_of(config.sections[1].options, "gift"), "on");
}

TEST(ConfigDialect, AllowsASectionWithoutKeys) {
  const auto cases = plan_of(parsed("[plain]\n"));
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].name, "plain");
  EXPECT_EQ(cases[0].spec.writer, "vmsplice");
}

TEST(ConfigDialect, AllowsDefaultsAfterTheSectionsThatUseThem) {
  const auto cases = plan_of(parsed("[a]\nwriter = write\n[defaults]\nreader = read\n"));
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].spec.reader, "read");
}

TEST(ConfigDialect, RefusesALineThatIsNothingOfIt) {
  EXPECT_TRUE(holds(refused("[a]\n\nwriter\n"), "x.ini:3: 'writer' is not valid in a config"));
  EXPECT_TRUE(holds(refused("[a]\nwriter: write\n"), "x.ini:2:"));
  EXPECT_TRUE(holds(refused("[a\n"), "x.ini:1: '[a' is not a section"));
  EXPECT_TRUE(holds(refused("[]\n"), "x.ini:1:"));
  EXPECT_TRUE(holds(refused("[ ]\n"), "x.ini:1:"));
  EXPECT_TRUE(holds(refused("[\n"), "x.ini:1:"));
  EXPECT_TRUE(holds(refused("[a]\n= write\n"), "x.ini:2:"));
}

TEST(ConfigDialect, RefusesAKeyBeforeAnySection) {
  EXPECT_TRUE(holds(refused("writer = write\n[a]\n"), "x.ini:1: 'writer = write' comes before any section"));
}

TEST(ConfigDialect, RefusesAFileWithoutASection) {
  EXPECT_TRUE(holds(refused(""), "x.ini: no section"));
  EXPECT_TRUE(holds(refused("# nothing\n"), "no section"));
  EXPECT_TRUE(holds(refused("[defaults]\ntime = 1s\n"), "no section"));
}

TEST(ConfigSections, HaveNoControlCharactersInTheirNames) {
  for (const char* name : {"a\x1b[2Jb", "a\tb", "\x7f", "\xc2\x9b"})
    EXPECT_TRUE(holds(refused("[" + std::string(name) + "]\n"), "x.ini:1: the section name")) << name;
  EXPECT_EQ(refused("[gr\xc3\xb6\xc3\x9f"
                    "er \xff]\n"),
            "accepted");
}

TEST(ConfigSections, ThatRepeatAreRefusedWithBothLines) {
  const std::string text = refused("[a]\nwriter = write\n[b]\n[a]\n");
  EXPECT_TRUE(holds(text, "x.ini:4: section [a]"));
  EXPECT_TRUE(holds(text, "line 1"));
  EXPECT_TRUE(holds(refused("[defaults]\n[a]\n[defaults]\n"), "x.ini:3: section [defaults]"));
}

TEST(ConfigKeys, ThatAreUnknownGetTheNearest) {
  const std::string text = refused("[a]\nbufer-size = 4K\n");
  EXPECT_TRUE(holds(text, "x.ini:2: [a] bufer-size: unknown key 'bufer-size'; did you mean 'buffer-size'?"));
  EXPECT_TRUE(holds(refused("[defaults]\nWriter = write\n"), "did you mean 'writer'?"));
}

TEST(ConfigKeys, OfTheCommandLineAloneAreUnknown) {
  for (const char* key : {"config", "section", "dry-run", "help", "version"}) {
    EXPECT_TRUE(holds(refused("[defaults]\n" + std::string(key) + " = x\n"), "unknown key")) << key;
  }
}

TEST(ConfigKeys, AreAllOtherOptionsOfRun) {
  for (const Option& option : run_options()) {
    if (option.scope == Scope::cli) continue;
    EXPECT_EQ(refused("[defaults]\n" + option.name + " = x\n[a]\n"), "accepted");
  }
}

TEST(ConfigKeys, OfTheWholeRunBelongIntoDefaults) {
  EXPECT_TRUE(
      holds(refused("[a]\nseed = 1\n"), "x.ini:2: [a] seed: this applies to the whole run; put it in [defaults]"));
  EXPECT_TRUE(holds(refused("[a]\noutput = x.json\n"), "x.ini:2: [a] output"));
  EXPECT_EQ(refused("[defaults]\nseed = 1\n[a]\n"), "accepted");
}

TEST(ConfigKeys, ThatRepeatAreRefusedButForTheRepeatable) {
  EXPECT_TRUE(
      holds(refused("[a]\nwriter = write\nwriter = null\n"), "x.ini:3: [a] writer: this section has that key already"));
  EXPECT_EQ(refused("[a]\nwriter = write\n[b]\nwriter = null\n"), "accepted");
  const Config config = parsed("[a]\ncpus = 0,2\ncpus = 2,0\n");
  EXPECT_EQ(config.sections[0].options.at("cpus").size(), 2U);
}

TEST(ConfigValues, ThatAreBadNameFileLineSectionAndKey) {
  const auto planned = [](const std::string& text) { return refusal([&] { (void)plan_of(parsed(text)); }); };
  EXPECT_TRUE(
      holds(planned("[a]\n\nwriter = wirte\n"), "x.ini:3: [a] writer: unknown writer 'wirte'; did you mean 'write'?"));
  EXPECT_TRUE(holds(planned("[a]\nbuffer-size = 0\n"), "x.ini:2: [a] buffer-size: '0'"));
  EXPECT_TRUE(holds(planned("[a]\ntime = 5\n"), "x.ini:2: [a] time: '5' is not a duration"));
  EXPECT_TRUE(holds(planned("[defaults]\nrounds = 0\n[a]\n"), "x.ini:2: [defaults] rounds: '0'"));
  EXPECT_TRUE(holds(planned("[a]\nwriter =\n"), "x.ini:2: [a] writer: '' has an empty value"));
  EXPECT_TRUE(holds(planned("[a]\ngift = yes\n"), "x.ini:2: [a] gift: unknown value 'yes'"));
  EXPECT_TRUE(holds(planned("[a]\ncpus = 0,7\n"), "x.ini:2: [a] cpus: CPU 7"));
  const auto settings = [](const std::string& text) {
    return refusal([&] { (void)settings_of(parsed(text).defaults); });
  };
  EXPECT_TRUE(holds(settings("[defaults]\nseed = x\n[a]\n"), "x.ini:2: [defaults] seed"));
  EXPECT_TRUE(holds(settings("[defaults]\norder = shufled\n[a]\n"), "did you mean 'shuffled'?"));
}

TEST(ConfigOptions, OverrideThoseOfTheDefaults) {
  const Config config =
      parsed("[defaults]\nwriter = write\nreader = read\nwait = poll\n[a]\nreader = splice\nwait = busy\n");
  const OptionTexts command_line{{"wait", {{"block", "--wait"}}}};
  const OptionTexts options = with_overrides(with_overrides(config.defaults, config.sections[0].options), command_line);
  EXPECT_EQ(text_of(options, "writer"), "write");
  EXPECT_EQ(text_of(options, "reader"), "splice");
  EXPECT_EQ(text_of(options, "wait"), "block");
}

TEST(ConfigOptions, ReplaceARepeatableKeyAsAWhole) {
  const OptionTexts lower{{"cpus", {{"0,2", "a"}, {"2,0", "a"}}}};
  EXPECT_EQ(with_overrides(lower, {{"cpus", {{"any", "--cpus"}}}}).at("cpus").size(), 1U);
}

TEST(ConfigOptions, RefuseTimeAndBytesTogether) {
  const Config config = parsed("[a]\ntime = 1s\nbytes = 4K\n");
  const std::string text = refusal([&] { (void)sampling_of(config.sections[0].options); });
  EXPECT_TRUE(holds(text, "x.ini:2: [a] time"));
  EXPECT_TRUE(holds(text, "x.ini:3: [a] bytes"));
}

TEST(ConfigOptions, LetTheOverridingOfTimeAndBytesStay) {
  const OptionTexts time{{"time", {{"2s", "a"}}}};
  const OptionTexts bytes{{"bytes", {{"8K", "b"}}}};
  EXPECT_EQ(sampling_of(with_overrides(time, bytes)).bytes, 8192U);
  const Sampling timed = sampling_of(with_overrides(bytes, time));
  EXPECT_FALSE(timed.bytes.has_value());
  EXPECT_EQ(timed.time_seconds, 2);
}

TEST(ConfigOptions, LetTheOverridingOfQuietAndVerboseStay) {
  const OptionTexts quiet{{"quiet", {{"on", "a"}}}};
  const OptionTexts verbose{{"verbose", {{"on", "b"}}}};
  const RunSettings above_quiet = settings_of(with_overrides(quiet, verbose));
  EXPECT_TRUE(above_quiet.verbose && !above_quiet.quiet);
  const RunSettings above_verbose = settings_of(with_overrides(verbose, quiet));
  EXPECT_TRUE(above_verbose.quiet && !above_verbose.verbose);
  EXPECT_TRUE(settings_of(with_overrides(verbose, {{"quiet", {{"off", "c"}}}})).verbose) << "nothing is excluded";
  EXPECT_TRUE(holds(refusal([&] {
                      (void)settings_of({{"quiet", {{"on", "a"}}}, {"verbose", {{"on", "a"}}}});
                    }),
                    "cannot be combined"));
}

TEST(ConfigSampling, IsReadFromItsKeys) {
  const Config config = parsed("[a]\ntime = 20ms\nwarmup = 0\nrounds = 3\ntimeout = 2s\nstrict = on\ncounters = off\n");
  const Sampling sampling = sampling_of(config.sections[0].options);
  EXPECT_EQ(sampling.time_seconds, 0.02);
  EXPECT_EQ(sampling.warmup_seconds, 0);
  EXPECT_EQ(sampling.rounds, 3U);
  EXPECT_EQ(sampling.timeout_seconds, 2);
  EXPECT_TRUE(sampling.strict);
  EXPECT_FALSE(sampling.counters);
}

TEST(BundledConfigs, AllPlanWithoutError) {
  EXPECT_GE(bundled_configs().size(), 5U);
  for (const BundledConfig& bundled : bundled_configs()) {
    SCOPED_TRACE(bundled.name);
    const Config config = load_config(std::string(bundled.name));
    EXPECT_EQ(config.name, std::string(bundled.name) + ".ini");
    EXPECT_FALSE(bundled.summary().empty());
    EXPECT_FALSE(bundled.summary().starts_with("#"));
    (void)settings_of(config.defaults);
    const auto cases = plan_of(config);
    EXPECT_TRUE(std::ranges::any_of(cases, [](const CaseResult& result) { return result.status == Status::planned; }));
  }
}

/// Each name is said once in the whole project: the registry's, so that `matrix` grows with it.
TEST(BundledConfigs, MatrixHasEveryPair) {
  const auto ours = [](std::span<const StrategyDescriptor* const> all) {
    return std::ranges::count_if(all, [](const StrategyDescriptor* strategy) {
      return !strategy->info.outside && strategy->info.transport == Transport::pipe;
    });
  };
  EXPECT_EQ(std::ssize(plan_of(load_config("matrix"))), ours(all_writers()) * ours(all_readers()));
}

TEST(BundledConfigs, NoneMeasuresUnsafelyOrSkipsUnknowingly) {
  for (const char* name : {"article", "sizes", "options", "smoke"}) {
    for (const CaseResult& result : plan_of(load_config(name))) {
      EXPECT_EQ(result.status, Status::planned) << result.name << ": " << result.reason;
      EXPECT_TRUE(result.traits.safe) << name << ": " << result.name;
    }
  }
}

TEST(BundledConfigs, ArticleBeginsWithTheLadderInItsOrder) {
  const auto cases = plan_of(load_config("article"));
  ASSERT_GE(cases.size(), 7U);
  Names names;
  for (std::size_t i = 0; i < 7; ++i) {
    names.push_back(cases[i].name);
    EXPECT_EQ(cases[i].sampling.rounds, 10U) << cases[i].name;
    EXPECT_EQ(cases[i].spec.buffer_bytes * cases[i].spec.buffers, 256U * 1024) << cases[i].name;
    EXPECT_EQ(cases[i].spec.pages == Pages::thp, cases[i].name.ends_with("-huge")) << cases[i].name;
    EXPECT_EQ(cases[i].spec.wait == Wait::busy, i == 6) << cases[i].name;
  }
  EXPECT_EQ(names, (Names{"write-read", "write-read-huge", "vmsplice-read", "vmsplice-read-huge", "vmsplice-splice",
                          "vmsplice-splice-huge", "busy-loop-huge"}));
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_TRUE(names[i].starts_with(std::string(cases[i].spec.writer) + '-' + std::string(cases[i].spec.reader)));
}

/// A directory of the test's own.
class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "pipebench-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return (directory_ / name).string();
  }

  std::filesystem::path directory_;
};

TEST_F(ConfigFiles, AreReadAndNamedInErrors) {
  const std::string file = write("mine.ini", "[a]\nwriter = write\n");
  EXPECT_EQ(load_config(file).sections.at(0).name, "a");
  const std::string bad = write("bad.ini", "[a]\nx = 1\n");
  EXPECT_TRUE(holds(refusal([&] { (void)load_config(bad); }), bad + ":2: [a] x"));
}

TEST_F(ConfigFiles, ThatAreNotThereGetTheNearestBundledName) {
  const std::string text = refusal([] { (void)load_config("artcle"); });
  EXPECT_TRUE(holds(text, "--config: 'artcle'"));
  EXPECT_TRUE(holds(text, "ENOENT"));
  EXPECT_TRUE(holds(text, "Did you mean 'article'?"));
}

TEST_F(ConfigFiles, ThatCannotBeAConfigAreRefused) {
  EXPECT_TRUE(holds(refusal([&] { (void)load_config(directory_.string()); }), directory_.string()));
  const std::string huge = write("huge.ini", std::string((1U << 20U) + 1, '#'));
  EXPECT_TRUE(holds(refusal([&] { (void)load_config(huge); }), "larger than 1 MiB"));
  const std::string binary = write("binary.ini", std::string("\x7f"
                                                             "ELF\0\1\2\xff\n",
                                                             9));
  EXPECT_TRUE(holds(refusal([&] { (void)load_config(binary); }), "binary.ini:1:"));
  EXPECT_TRUE(holds(refusal([&] { (void)load_config(write("empty.ini", "")); }), "no section"));
}

TEST(ConfigDialect, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(parse_config("\xEF\xBB\xBF[a]\nwriter = write\n", "x.ini").sections.at(0).name, "a");
}

}  // namespace
}  // namespace pipebench
