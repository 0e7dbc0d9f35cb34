// Options of `pipebench profile`, and what it does without any.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/config_file.hpp"
#include "app/request.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

using Arguments = std::vector<std::string>;

Invocation invocation_of(Arguments arguments) {
  arguments.insert(arguments.begin(), "profile");
  return parse_command_line(arguments);
}

RunRequest request_of(const Arguments& arguments) {
  return read_request(invocation_of(arguments).options,
                      {.config = "", .options = profile_defaults(), .ignored = not_of_profiles});
}

std::string refused(const Arguments& arguments) {
  return refusal([&] { (void)request_of(arguments); });
}

TEST(ProfileRequest, WithoutOptionsIsOneCaseOfThreeRounds) {
  const RunRequest request = request_of({});
  ASSERT_EQ(request.groups.size(), 1U);
  EXPECT_TRUE(request.groups[0].axes.empty()) << "the axes' own defaults";
  EXPECT_EQ(request.groups[0].sampling.rounds, 3U);
  EXPECT_EQ(request.groups[0].sampling.profile_hz, 997U);
}

TEST(ProfileRequest, TakesTheOptionsOfRun) {
  const RunRequest request = request_of({"--writer", "write,vmsplice", "--rounds", "5", "--rate", "4000"});
  EXPECT_EQ(request.groups[0].axes.at("writer").at(0).text, "write,vmsplice");
  EXPECT_EQ(request.groups[0].sampling.rounds, 5U);
  EXPECT_EQ(request.groups[0].sampling.profile_hz, 4000U);
}

TEST(ProfileRequest, TakesTheRoundsOfAConfig) {
  const TemporaryDirectory directory;
  const std::string config = directory.write("x.ini", "[defaults]\ntime = 1s\n[a]\nrounds = 7\n[b]\nwriter = write\n");
  const RunRequest request = request_of({"--config", config});
  ASSERT_EQ(request.groups.size(), 2U);
  EXPECT_EQ(request.groups[0].sampling.rounds, 7U);
  EXPECT_EQ(request.groups[1].sampling.rounds, 3U);
  for (const Group& group : request.groups) {
    EXPECT_EQ(group.sampling.profile_hz, 997U);
    EXPECT_EQ(group.sampling.time_seconds, 1);
  }
  EXPECT_EQ(request_of({"--config", config, "--rounds", "2"}).groups[0].sampling.rounds, 2U);
}

TEST(ProfileRequest, DropsWhatAConfigAsksOfRunsAlone) {
  const TemporaryDirectory directory;
  const std::string config = directory.write(
      "x.ini", "[defaults]\nsteady = on\nconditions = off\nceilings = on\nbaseline = x\n[a]\nwriter = write\n");
  const RunRequest request = request_of({"--config", config});
  EXPECT_EQ(request.ignored, (std::vector<std::string>{"steady", "ceilings", "baseline"}));
  EXPECT_FALSE(request.settings.goals.any());
  EXPECT_FALSE(request.settings.ceilings);
  EXPECT_FALSE(request.settings.baseline);
  const std::string text = refusal([&] {
    (void)read_request(parse_command_line({"run", "--config", config}).options);
  });
  EXPECT_TRUE(holds(text, "--conditions off")) << "for a run it is a contradiction";
  const std::string off = directory.write("y.ini", "[defaults]\nceilings = off\n[a]\nwriter = write\n");
  EXPECT_TRUE(request_of({"--config", off}).ignored.empty());
}

TEST(ProfileRequest, OfRunHasNoSamplesOfCallChains) {
  for (const Group& group : read_request({}).groups) EXPECT_FALSE(group.sampling.profile_hz);
}

TEST(ProfileOptions, SayWhatIsShownAndWritten) {
  const RunSettings settings = request_of({"--tree", "--folded", "x.folded"}).settings;
  EXPECT_TRUE(settings.call_trees);
  EXPECT_EQ(settings.folded, "x.folded");
  EXPECT_FALSE(request_of({}).settings.call_trees);
}

TEST(ProfileOptions, AreThoseOfRunThatHaveAMeaning) {
  for (const char* option : {"--precision=2%", "--budget=1s", "--steady", "--ceilings", "--baseline=x"}) {
    const std::string text = refused({option});
    EXPECT_TRUE(holds(text, "is an option of `pipebench run`, not of `pipebench profile`.")) << option;
    EXPECT_FALSE(holds(text, "=")) << text;
  }
  for (const char* option : {"--rate=99", "--tree", "--folded=x"})
    EXPECT_TRUE(holds(refusal([&] { (void)parse_command_line({option}); }), "Unknown option")) << option;
}

TEST(ProfileOptions, RefuseBadValues) {
  for (const char* rate : {"0", "-1", "100001", "many"})
    EXPECT_TRUE(holds(refused({"--rate", rate}), "--rate")) << rate;
  EXPECT_TRUE(holds(refused({"--folded", ""}), "--folded"));
  EXPECT_TRUE(holds(refused({"--tree=maybe"}), "--tree"));
}

TEST(ProfileOptions, AreNoKeysOfConfigs) {
  for (const char* key : {"rate", "tree", "folded"}) {
    const std::string text = "[a]\n" + std::string(key) + " = 1\n";
    EXPECT_TRUE(holds(refusal([&] { (void)parse_config(text, "x.ini"); }), "unknown key")) << key;
  }
}

TEST(ProfileOptions, ShowTheirOwnDefaultsInHelp) {
  const auto& options = profile_options();
  EXPECT_EQ(std::ranges::find(options, "rounds", &Option::name)->fallback, "3");
  EXPECT_EQ(std::ranges::find(options, "rate", &Option::name)->fallback, "997");
  EXPECT_EQ(std::ranges::find(run_options(), "rounds", &Option::name)->fallback, "10");
}

}  // namespace
}  // namespace pipebench
