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
  EXPECT_EQ(request.groups[0].sampling.profile_hz, 499U);
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
    EXPECT_EQ(group.sampling.profile_hz, 499U);
    EXPECT_EQ(group.sampling.time_seconds, 1);
  }
  EXPECT_EQ(request_of({"--config", config, "--rounds", "2"}).groups[0].sampling.rounds, 2U);
}

TEST(ProfileRequest, DropsWhatAConfigAsksOfRunsAlone) {
  const TemporaryDirectory directory;
  const std::string config =
      directory.write("x.ini", "[defaults]\nsteady = on\nceilings = on\nbaseline = x\n[a]\nwriter = write\n");
  const RunRequest request = request_of({"--config", config});
  EXPECT_EQ(request.ignored, (std::vector<std::string>{"ceilings", "baseline"}));
  EXPECT_TRUE(request.settings.goals.steady);
  EXPECT_FALSE(request.settings.ceilings);
  EXPECT_FALSE(request.settings.baseline);
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

TEST(ProfileRequest, IgnoresWhatTheCommandLineAsksOfRunsAlone) {
  const RunRequest request = request_of({"--ceilings", "--baseline=x", "--against=nowhere.json", "--fail-above=5%"});
  EXPECT_EQ(request.ignored, (std::vector<std::string>{"ceilings", "baseline", "against", "fail-above"}));
  EXPECT_FALSE(request.settings.ceilings);
  EXPECT_FALSE(request.settings.baseline);
  EXPECT_EQ(request.settings.against, "");
  EXPECT_FALSE(request.settings.fail_above);
  EXPECT_TRUE(request_of({"--ceilings=off"}).ignored.empty()) << "which is what it does";
  EXPECT_TRUE(holds(refused({"--fail-above=many"}), "--fail-above")) << "but not what cannot be meant";
}

TEST(ProfileRequest, HasTheGoalsOfARun) {
  const RunGoals goals = request_of({"--precision=2%", "--budget=90s", "--steady"}).settings.goals;
  EXPECT_EQ(goals.precision, 0.02);
  EXPECT_EQ(goals.budget_seconds, 90);
  EXPECT_TRUE(goals.steady);
  EXPECT_TRUE(holds(refused({"--steady", "--conditions=off"}), "--conditions off"));
}

TEST(ProfileOptions, AreAllThoseOfRun) {
  const auto has = [](std::string_view name) {
    return std::ranges::find(profile_options(), name, &Option::name) != profile_options().end();
  };
  for (const Option& option : run_options()) EXPECT_TRUE(has(option.name) || option.name == "version") << option.name;
  for (const std::string_view name : not_of_profiles)
    EXPECT_TRUE(holds(std::ranges::find(profile_options(), name, &Option::name)->help, "ignored")) << name;
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
  EXPECT_EQ(std::ranges::find(options, "rate", &Option::name)->fallback, "499");
  EXPECT_EQ(std::ranges::find(run_options(), "rounds", &Option::name)->fallback, "10");
}

}  // namespace
}  // namespace pipebench
